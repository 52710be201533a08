"""What is told of the word under the pointer: a stage, a base image, a finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lint_multistage.advice.runtime import runs_on
from lint_multistage.advice.sizes import cost
from lint_multistage.contents.stage import Contents
from lint_multistage.findings import Finding
from lint_multistage.late import late_regex
from lint_multistage.lsp.names import base_at, image_at, readers, stage_at
from lint_multistage.model.images import ImageReference, parse_image
from lint_multistage.model.stages import Stage
from lint_multistage.reports.style import counted
from lint_multistage.survey import Survey
from lint_multistage.text import Span
from lint_multistage.wording import toolchains

_MOST = 8
_LINK = late_regex(r"\[([^\]]*)\]\([^)]*\)")
_MARK = late_regex(r"\*\*|`|\\(?=[\\`*_\[\]<>#|])")


def hover(survey: Survey, findings: Sequence[Finding], urls: dict[str, str], offset: int) -> tuple[str, Span] | None:
    """The Markdown to show for an offset, and the span that it is about; `urls` are the pages of the checks by code."""
    parts: list[str] = []
    span: Span | None = None
    if named := stage_at(survey, offset):
        stage, span = named
        parts.append(stage_text(survey, stage))
    elif base := base_at(survey, offset):
        span = base.from_.base.span
        parts.append(image_text(survey, base.shown_base, cost(base).clause, survey.start(base.index)))
    elif reference := image_at(survey, offset):
        span = reference.word.span
        parts.append(image_text(survey, reference.image or "", "", None))
    for finding in findings:
        if finding.elsewhere is None and finding.span.start <= offset <= finding.span.end:
            span = span or finding.span
            parts.append(_finding_text(finding, urls.get(finding.code, "")))
    return ("\n\n---\n\n".join(parts), span) if span is not None and parts else None


def stage_text(survey: Survey, stage: Stage) -> str:
    """What a stage is, carries and costs, and who builds and reads it."""
    lines = [
        f"**stage {_code(stage.label)}**, FROM {_code(stage.shown_base)}{_size(survey, stage)}",
        *_purpose(survey, stage),
    ]
    contents = survey.contents(stage.index)
    carried = list(dict.fromkeys(name for each in contents.carried if each.stays for name in each.toolchains))
    if carried:
        lines.append(f"carries {toolchains(carried)}")
    if contents.packages:
        lines.append(f"installs {counted(len(contents.packages), 'package')}")
    if made := sorted({x.path for x in contents.products if x.path and x.certain}):
        more = f" and {len(made) - _MOST} more" if len(made) > _MOST else ""
        lines.append(f"makes {', '.join(map(_code, made[:_MOST]))}{more}")
    return "\n\n".join((lines[0], "\n".join(f"- {line}" for line in lines[1:])))


def _purpose(survey: Survey, stage: Stage) -> Iterator[str]:
    places = [f"{x.path}:{x.line}" for x in survey.build.targets if x.stage == stage.index and x.path]
    if any(x.index == stage.index for x in survey.built):
        role = survey.role(stage.index)
        what = "ships" if role.runs else f"is built, but not for shipping: {role.name}"
        yield what + (f" ({role.reason})" if role.reason else "")
    elif stage.index not in survey.needed:
        yield "is not needed by anything that is built: BuildKit skips it"
    if places:
        yield f"built by {', '.join(map(_code, places[:_MOST]))}"
    if used := dict.fromkeys(survey.stages[x.stage].label for x in readers(survey, stage)):
        yield f"used by {', '.join(map(_code, [*used][:_MOST]))}"


def image_text(survey: Survey, name: str, size: str, contents: Contents | None) -> str:
    """What the facts tell of an image; `contents` are those of the image where it is a base."""
    reference = parse_image(name)
    known = contents.image if contents else None
    if known is None and isinstance(reference, ImageReference):
        known = survey.facts.image(reference.name, reference.fact_tag)
    lines: list[str] = []
    if known is None:
        lines.append("nothing is known of what it carries")
    else:
        if known.toolchains:
            lines.append(f"carries {toolchains(known.toolchains)}")
        system = [part for part in (known.distro, known.libc) if part not in ("", "none")]
        if system:
            lines.append(", ".join(system))
        runtime = runs_on(contents, ()) if contents and known.toolchains else None
        if runtime:
            lines.append(f"to ship instead: {_code(runtime.image)}")
    return "\n\n".join((f"**image {_code(name)}**{size}", "\n".join(f"- {line}" for line in lines)))


def _finding_text(finding: Finding, url: str) -> str:
    code = f"[{finding.code}]({url})" if url else finding.code
    first, *more = finding.hint.splitlines() or [""]
    hint = f"\n\n{_plain(first)}" if first else ""
    if more:
        hint += "\n\n```dockerfile\n" + "\n".join(line.removeprefix("  ") for line in more) + "\n```"
    return f"**{code}** {_plain(finding.message)}{hint}"


def _size(survey: Survey, stage: Stage) -> str:
    return cost(survey.graph.root(stage)).clause if stage.parent is None else ""


def _code(text: str) -> str:
    return f"`{text.replace('`', chr(0x2018))}`"


def _plain(text: str) -> str:
    """`text` as Markdown shows it as it is."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|" else char for char in text)


def plain(markdown: str) -> str:
    """The Markdown of this module as plain text."""
    text = _LINK.sub(r"\1", markdown).replace("\n---\n", "\n").replace("```dockerfile\n", "").replace("\n```", "")
    return _MARK.sub("", text)
