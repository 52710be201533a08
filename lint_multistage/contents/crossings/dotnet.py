"""Programs for one .NET, shipped with another, or with too little of it."""

from __future__ import annotations

import posixpath

from lint_multistage.contents.carried import within
from lint_multistage.contents.crossings.shipping import Crossing, Shipping, origins, told
from lint_multistage.contents.paths import joined
from lint_multistage.contents.placed import Known, Placed
from lint_multistage.contents.products import Product
from lint_multistage.contents.products.call import UNKNOWN
from lint_multistage.contents.stage import Contents
from lint_multistage.contents.started import started
from lint_multistage.contents.versions import DOTNET, is_image, version_of
from lint_multistage.late import late_regex

_NAME = r"mcr\.microsoft\.com/dotnet/(?:nightly/|core/)?"
# Where one of these is spoken of, the program may carry its runtime, or take another.
_CHOOSES = late_regex(
    r"(?i)roll_?-?forward|self-?contained|--sc\b|publishaot|singlefile|--framework|targetframework|global\.json"
    r"|dotnet-install|dotnet-runtime|aspnetcore-|dotnet\.sh|\bdotnet\s(?:\\\s*\n|[^\n;&|])*\s-f\s"
)
# Until .NET 8, a program for one platform carried its runtime.
_PLATFORM = late_regex(
    r"(?i)runtimeidentifier|\bdotnet\s+(?:publish|build)\s(?:\\\s*\n|[^\n;&|])*\s(?:-r|--runtime|-a|--arch|--os)[ =]"
)
_PROJECT = late_regex(r"[\w./-]+\.(?:cs|fs|vb)proj\b")
_FRAMEWORK = late_regex(r"<TargetFramework>\s*net(?:coreapp)?(\d+)\.(\d+)\s*<")


def dotnet(known: Known, shipping: Shipping, placed: Placed) -> Crossing | None:
    """What a COPY brings of .NET programs that the stage that ships cannot start."""
    stage = shipping.stage
    contents = known.contents(stage.index)
    if contents.base is None or not is_image(contents.base, rf"{_NAME}(?:aspnet|runtime|runtime-deps)"):
        return None
    if _CHOOSES.search(shipping.text) or any("dotnet" in (each.path or "dotnet") for each in shipping.placed):
        return None
    if not _starts(contents, placed):
        return None
    for made, place in origins(known, placed):
        product = _product(known, made, place)
        if product is None:
            continue
        text = told(known, known.dockerfile.stages[made])
        project = _project(known, made, text)
        if _CHOOSES.search(text) or (project and _CHOOSES.search(project.replace("TargetFramework", ""))):
            return None
        sdk = version_of(known, made, DOTNET)
        if (sdk is None or sdk.number < (8, 0)) and _PLATFORM.search(text + project):
            return None
        kind, built, runs = _judged(known, shipping, made, project)
        return Crossing(placed, stage, kind, built, runs, made, product) if kind else None
    return None


def _starts(contents: Contents, placed: Placed) -> bool:
    """Whether the image starts `dotnet`, or a program that the COPY brings."""
    # What depends on the runtime only has no `dotnet`, and a program of its own may carry one.
    alone = is_image(contents.base, f"{_NAME}runtime-deps")
    for start in started(contents):
        if start.program == "dotnet":
            return True
        place = joined(contents.directory, start.words[0]) if "/" in start.words[0] else None
        if not alone and place and any(within(target, place) is not None for target in placed.targets):
            return True
    return False


def _judged(known: Known, shipping: Shipping, made: int, project: str) -> tuple[str, str, str]:
    """How the program does not fit, what it needs and what is there; "" where it fits, or that is not known."""
    base = known.contents(shipping.stage.index).base
    if is_image(base, f"{_NAME}runtime-deps"):
        return "dotnet-none", "", ""
    if is_image(base, f"{_NAME}runtime") and "Microsoft.NET.Sdk.Web" in project:
        return "dotnet-web", "", ""
    runs, sdk = version_of(known, shipping.stage.index, DOTNET), version_of(known, made, DOTNET)
    frameworks = {(int(match[1]), int(match[2])) for match in _FRAMEWORK.finditer(project)}
    if runs is None:
        return "", "", ""
    if len(frameworks) == 1:
        needs = frameworks.pop()
        fits = needs[0] == runs.number[0] and needs <= runs.number
        return ("", "", "") if fits else ("dotnet", f"{needs[0]}.{needs[1]}", runs.text)
    # An SDK builds for its own version and all before it, and a program starts on no later major version by itself.
    if not project and sdk and sdk.number[0] < runs.number[0]:
        return "dotnet", sdk.text, runs.text
    return "", "", ""


def _product(known: Known, made: int, place: str) -> Product | None:
    """What `dotnet publish` made there, if it is for the runtime's `dotnet`."""
    for each in known.contents(made).products:
        if each.command not in ("dotnet publish", "dotnet build") or not each.path:
            continue
        if (within(place, each.path) or within(each.path, place)) is not None:
            return each if each.link == UNKNOWN else None
    return None


def _project(known: Known, made: int, text: str) -> str:
    """The project files of which the stage speaks, where one alone is at hand; "" where that is not so."""
    paths = {posixpath.normpath(path.lstrip("/")) for path in _PROJECT.findall(text)}
    texts = {found for path in sorted(paths) if (found := known.context.text(path)) is not None}
    return texts.pop() if len(texts) == 1 else ""
