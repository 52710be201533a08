"""Products of Elixir, Erlang and Gleam."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.products.call import DYNAMIC, UNKNOWN, Call, Product, own_folder


def mix(call: Call) -> Iterator[Product]:
    """`mix release [NAME]`: _build/ENVIRONMENT/rel/NAME, which carries the Erlang virtual machine."""
    texts = [(call.text(at) or "").rstrip(",") for at in range(len(call.args))]
    if call.has("--help"):
        return
    for task in ("release", "distillery.release", "escript.build"):
        starts = [0] if texts[:1] == [task] else []
        if texts[:1] == ["do"]:
            starts = [at for at, text in enumerate(texts) if text == task and at > 0]
        if not starts:
            continue
        at = starts[-1]
        if task == "escript.build":
            yield call.product("elixir", "mix escript.build", last=at)
            return
        path = _release(call, at) if task == "release" else None
        yield call.product("elixir", f"mix {task}", path=path, link=DYNAMIC, last=at)
        return


def _release(call: Call, at: int) -> str | None:
    if call.has("--path"):
        return own_folder(call.place(call.value("--path")))
    names = [place for place in call.positions(("--path", "--version"), at + 1) if call.heads[place] not in ("+", ",")]
    name = call.text(names[0]) if names else None
    env = call.env
    if name is None or "MIX_BUILD_PATH" in env or "MIX_BUILD_ROOT" in env:
        return None
    return call.inside(call.place("."), "_build", env.get("MIX_ENV", "dev"), "rel", name)


def rebar(call: Call) -> Iterator[Product]:
    """`rebar3 as prod release -n NAME`."""
    tasks = ("release", "tar", "escriptize")
    at = next((at for at in call.positions(("-n", "--relname", "-v", "-o")) if call.text(at) in tasks), -1)
    task = call.text(at)
    if task is None:
        return
    profile = call.text(1) if call.text(0) == "as" else "default"
    path: str | None = None
    if task == "release" and call.has("-o", "--output-dir"):
        path = None
    elif task == "release" and call.has("-n", "--relname") and profile and "," not in profile:
        path = call.inside(call.place("."), "_build", profile, "rel", call.value("-n", "--relname"))
    yield call.product("erlang", f"rebar3 {task}", path=path, link=UNKNOWN, last=at)


def gleam(call: Call) -> Iterator[Product]:
    """`gleam export erlang-shipment`: build/erlang-shipment."""
    if call.text(0) == "export" and call.text(1) == "erlang-shipment":
        path = call.inside(call.place("."), "build/erlang-shipment")
        yield call.product("gleam", "gleam export erlang-shipment", path=path, last=1)
    elif call.text(0) == "build":
        yield call.product("gleam", "gleam build", sure=False, last=0)


READERS = {
    "mix": mix,
    "rebar3": rebar,
    "gleam": gleam,
}
