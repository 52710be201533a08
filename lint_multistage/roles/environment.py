"""Variables that tell a compiler or an SDK where to find things: an image that sets them has it for its users."""

from __future__ import annotations

from collections.abc import Iterable

from lint_multistage.contents.stage import Contents
from lint_multistage.syntax.instructions import Env, Instruction

_JAVA = frozenset(("jdk", "gradle", "maven", "android-sdk", "kotlinc"))
# By the variable: the toolchains of which one must be there, none named where it may be any compiler of C or the like.
_NAMES: dict[str, frozenset[str]] = {
    **dict.fromkeys(("GOPATH", "GOMODCACHE", "GOCACHE"), frozenset(("go",))),
    **dict.fromkeys(("ANDROID_HOME", "ANDROID_SDK_ROOT", "ANDROID_NDK_HOME", "GRADLE_USER_HOME"), _JAVA),
    **dict.fromkeys(("DOTNET_ROOT", "DOTNET_ROLL_FORWARD"), frozenset(("dotnet-sdk",))),
    "EMSDK": frozenset(("emscripten", "clang")),
    **dict.fromkeys(
        "LIBRARY_PATH CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH PKG_CONFIG_PATH PKG_CONFIG_ALLOW_CROSS".split(),
        frozenset[str](),
    ),
}
_PREFIXES = ("CARGO_TARGET_", "BINDGEN_EXTRA_CLANG_ARGS_", "CMAKE_TOOLCHAIN_FILE_")
# Followed by the target that they are for: `CC_aarch64_unknown_linux_gnu`.
_TOOLS = ("CC_", "CXX_", "AR_")


def compiler_variable(instructions: Iterable[Instruction], contents: Contents) -> str:
    """The first variable of ENV that configures a compiler or an SDK which the image has, "" for none."""
    there = {name for each in contents.carried if each.stays for name in each.toolchains}
    for instruction in instructions:
        if isinstance(instruction, Env):
            for setting in instruction.settings:
                name = setting.name.text
                if name.startswith(_PREFIXES) or (name.startswith(_TOOLS) and len(name.split("_")) > 3):
                    return name
                if name in _NAMES and (not _NAMES[name] or not there.isdisjoint(_NAMES[name])):
                    return name
    return ""
