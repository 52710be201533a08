"""What is said of a program that cannot be loaded, or of a shell that is not there, and the ways out."""

from __future__ import annotations

import json
import posixpath
import shlex

from msgspec.structs import replace

from lint_multistage.advice.runtime import runs_on
from lint_multistage.contents.arrivals import arrivals
from lint_multistage.contents.brings import Places
from lint_multistage.contents.carried import within
from lint_multistage.contents.linkage import NONE, needed
from lint_multistage.contents.loading import Mismatch
from lint_multistage.contents.products import Product
from lint_multistage.contents.products.call import DYNAMIC, GLIBC, MUSL
from lint_multistage.contents.shells import ShellForm
from lint_multistage.contents.stage import Contents
from lint_multistage.facts import fill
from lint_multistage.findings import Finding, Fix, Related, Safety, Severity
from lint_multistage.late import late_regex
from lint_multistage.model.images import parse_image
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Run
from lint_multistage.text import Edit
from lint_multistage.wording import bare

# What makes a program of each language need no C library.
_STATICALLY = {
    "c": "link it with -static",
    "d": "link it with -static",
    "haskell": "link it with -optl-static",
    "nim": "link it with --passL:-static",
    "crystal": "build it with --static, on Alpine",
    "swift": "build it with --swift-sdk x86_64-swift-linux-musl",
    "fortran": "link it with -static",
}
_CGO = "link it statically: CGO_ENABLED=0, or with cgo -ldflags '-linkmode external -extldflags -static'"
# Where a program cannot do without, the same tool builds for the other C library.
_FOR_MUSL = {"dotnet": "publish it with -r linux-musl-x64", "bun build": "compile it with --target=bun-linux-x64-musl"}
# What images are that have a system and nothing else.
_SYSTEMS = frozenset(("os", "minimal"))
_ALPINE = late_regex(r"(.*?)-?alpine[\d.]*((?:-.*)?)")
# Official images that have a small variant on Debian.
_SLIM = frozenset(("node", "python", "ruby"))
_SIMPLE = late_regex(r"[\w./:=@%+,\- \t]+")


def _like(survey: Survey, mismatch: Mismatch) -> str:
    """What to start from in place of an image with a runtime or a server, which must stay: its variant without Alpine,
    or words where none is known. "" for a bare system.
    """
    contents = survey.contents(mismatch.stage.index)
    if contents.image is None or contents.image.role in _SYSTEMS or mismatch.offers == NONE:
        return ""
    shown = bare(survey.graph.root(mismatch.stage).shown_base)
    name, _, tag = shown.rpartition(":")
    match = _ALPINE.fullmatch(tag)
    if match and name and "$" not in shown:
        plain = f"{match[1]}{match[2]}".strip("-")
        slim = contents.image.repositories[0] in _SLIM
        found = f"{name}:{plain}-slim".replace(":-", ":") if slim else f"{name}:{plain or 'latest'}"
        parsed = parse_image(found)
        image = None if isinstance(parsed, str) else survey.facts.image(parsed.name, parsed.fact_tag)
        if image is not None and image.libc == mismatch.needs:
            return found
    return f"an image like '{shown}' that has {mismatch.needs}"


def _base(survey: Survey, mismatch: Mismatch) -> Fix | None:
    """Start the stage that ships from an image that has the C library.

    None where more would change than the C library: where the image that is there has a runtime or a server, too, a
    RUN may not work on the other, a whole system is copied over it, or FROM is written with a variable or is that of
    other stages; nor where another program in the stage needs what it has now.
    """
    stage = mismatch.stage
    image = _image_for(survey.contents(mismatch.arrival.made), mismatch)
    parsed = parse_image(image)
    found = None if isinstance(parsed, str) else survey.facts.image(parsed.name, parsed.fact_tag)
    here = survey.contents(stage.index).image
    if found is None or here is None or not {found.role, here.role} <= _SYSTEMS or found.libc != mismatch.needs:
        return None
    if "$" in stage.from_.base.text or Places(survey, stage).roots:
        return None
    if stage.parent is not None or any(each.parent == stage.index for each in survey.stages):
        return None
    if any(isinstance(each, Run) for each in stage.instructions):
        return None
    needs = {
        needed(product, survey.contents(arrival.made))
        for arrival in arrivals(survey, stage)
        for product in arrival.products
    }
    if not needs <= {mismatch.needs, NONE, ""}:
        return None
    return Fix(f"Start FROM {image}", (Edit(stage.from_.base.span, image),), Safety.UNSAFE)


def unloadable(survey: Survey, mismatch: Mismatch) -> Finding:
    """The finding for a program whose C library is not there."""
    placed, product = mismatch.arrival.placed, mismatch.product
    base = bare(survey.graph.root(mismatch.stage).shown_base)
    place = _place(mismatch)
    contents = survey.contents(mismatch.stage.index)
    has = "no C library" if mismatch.offers == NONE else mismatch.offers
    return Finding(
        span=placed.word.span,
        message=(
            f"'{placed.word.text}' is linked dynamically with {mismatch.needs}, and '{base}' has {has}:"
            f" it will not start (exec {place}: no such file or directory)"
        ),
        hint=_ways_out(survey, mismatch),
        stage=placed.stage,
        related=(Related(f"'{product.command}' builds it here", product.span),),
        cause=("libc", placed.stage, placed.instruction.line, placed.word.span.start),
        # An image that starts nothing may only carry the program to where it is run.
        severity=Severity.INFO if mismatch.offers == NONE and not contents.starts else None,
        fix=_base(survey, mismatch),
        data={"needs": mismatch.needs, "has": mismatch.offers},
    )


def _place(mismatch: Mismatch) -> str:
    """Where the program lies in the stage that ships."""
    placed, product = mismatch.arrival.placed, mismatch.product
    path = posixpath.normpath("/" + (placed.path or "").lstrip("/"))
    rest = within(path, product.path) if product.path and len(mismatch.arrival.stages) == 1 else ""
    if rest:
        return posixpath.join(placed.destination or "/", rest)
    return placed.targets[0] if placed.targets else path


def _ways_out(survey: Survey, mismatch: Mismatch) -> str:
    builder = survey.contents(mismatch.arrival.made)
    label = mismatch.stage.label
    image = _like(survey, mismatch) or _image_for(builder, mismatch)
    ways = [statically(mismatch.product, mismatch.needs)]
    if not ways[0] and mismatch.offers != NONE:
        maker = survey.stages[mismatch.arrival.made].label
        ways = [_FOR_MUSL.get(mismatch.product.ecosystem) or _FOR_MUSL.get(mismatch.product.command) or ""]
        if not ways[0] or mismatch.offers != MUSL:
            ways = [f"build stage '{maker}' on an image that has {mismatch.offers}"]
    ways.append(f"start stage '{label}' FROM {image}")
    return ", or ".join(way for way in ways if way)


def statically(product: Product, libc: str) -> str:
    """How to link such a program statically, "" where that is not known to work."""
    if product.ecosystem == "go":
        return _CGO
    if product.ecosystem == "rust":
        if libc == MUSL:
            return "link it with RUSTFLAGS='-C target-feature=+crt-static'"
        return "build it with --target x86_64-unknown-linux-musl"
    if product.command == "native-image":
        return "build it with --static --libc=musl"
    return _STATICALLY.get(product.ecosystem, "")


def _image_for(builder: Contents, mismatch: Mismatch) -> str:
    """The image on which the program starts, as like the one that is there as the facts allow."""
    product = replace(mismatch.product, link=DYNAMIC)
    if builder.image is not None and builder.base is not None and not mismatch.product.libc:
        if mismatch.offers == NONE:
            for runtime in builder.image.runtimes:
                filled = fill(runtime, builder.image, builder.base.tag) if runtime.link == DYNAMIC else None
                if filled and "distroless" in filled:
                    return filled
        runtime_of = runs_on(builder, (product,))
        if runtime_of and not runtime_of.open and "static" not in runtime_of.image and runtime_of.image != "scratch":
            alpine = "alpine" in runtime_of.image
            if alpine == (mismatch.needs == MUSL):
                return runtime_of.image
    if mismatch.needs == MUSL:
        return "alpine"
    if mismatch.offers == NONE:
        kind = "base" if product.ecosystem in ("go", "c") else "cc"
        return f"gcr.io/distroless/{kind}-debian12"
    return "debian:stable-slim" if mismatch.needs == GLIBC else "an image that has it"


def no_shell(survey: Survey, form: ShellForm) -> Finding:
    """The finding for an instruction in shell form where no shell is."""
    instruction = form.instruction
    keyword = instruction.keyword.text
    base = bare(survey.graph.root(form.stage).shown_base)
    if isinstance(instruction, Run):
        hint = "do it in the stage that builds, and copy the result, or start FROM an image with a shell"
    else:
        text = instruction.value.text.strip()
        words = json.dumps(shlex.split(text)) if _SIMPLE.fullmatch(text) else '["/program", "argument"]'
        hint = f"name the program itself, in JSON form: {keyword} {words}"
    return Finding(
        span=instruction.keyword.span,
        message=(
            f"{keyword} in shell form runs /bin/sh, and '{base}' has no shell: it fails with 'exec: \"/bin/sh\": stat"
            " /bin/sh: no such file or directory'"
        ),
        hint=hint,
        stage=form.stage.index,
        cause=("shell", form.stage.index, instruction.line),
    )
