"""Which codes are on."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.selection import check_codes, ignored_for, roles_for, selected
from lint_multistage.settings.settings import Settings
from lint_multistage.settings.versions import meets

CODES = ("MS101", "MS301", "MS302", "MS306", "ACM001")


def on(settings: Settings) -> list[str]:
    return [code for code in CODES if selected(code, settings)]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(), "MS101 MS301 MS302 MS306 ACM001"),
        (Settings(select=("MS3",)), "MS301 MS302 MS306"),
        (Settings(select=("ALL",)), "MS101 MS301 MS302 MS306 ACM001"),
        (Settings(ignore=("MS3",)), "MS101 ACM001"),
        (Settings(ignore=("ALL",)), ""),
        (Settings(select=("MS",), ignore=("MS3",)), "MS101"),
        # The longest prefix decides, and ignore wins a tie.
        (Settings(select=("MS302",), ignore=("MS3",)), "MS302"),
        (Settings(select=("MS302", "MS3"), ignore=("MS30",)), "MS302"),
        (Settings(ignore=("MS3",), extend_select=("MS306",)), "MS101 MS306 ACM001"),
        (Settings(select=("MS302", "MS101"), ignore=("MS302",)), "MS101"),
        (Settings(select=("MS1",), extend_select=("MS306",)), "MS101 MS306"),
        (Settings(extend_ignore=("MS30",), extend_select=("MS301",)), "MS101 MS301 ACM001"),
        (Settings(select=("ALL",), ignore=("ALL",)), ""),
    ],
)
def test_selection(settings: Settings, expected: str) -> None:
    assert on(settings) == expected.split()


class TestPreview:
    def test_off_unless_asked_for(self) -> None:
        assert not selected("MS306", Settings(), preview=True)
        assert not selected("MS306", Settings(select=("MS3",)), preview=True)

    def test_on_by_the_setting_or_the_full_code(self) -> None:
        assert selected("MS306", Settings(preview=True), preview=True)
        assert selected("MS306", Settings(select=("MS306",)), preview=True)
        assert selected("MS306", Settings(extend_select=("MS306",)), preview=True)

    def test_the_setting_selects_nothing_by_itself(self) -> None:
        assert not selected("MS306", Settings(preview=True, select=("MS1",)), preview=True)
        assert not selected("MS306", Settings(preview=True, ignore=("MS306",)), preview=True)


class TestPerFile:
    SETTINGS = Settings(
        root=os.path.abspath("."),
        select=("MS301",),
        per_file_ignores=(("legacy/", ("MS3",)), ("*.dev.Dockerfile", ("MS101",)), ("a/*/Dockerfile", ("ACM",))),
    )

    @pytest.mark.parametrize(
        ("path", "prefixes"),
        [
            ("Dockerfile", ()),
            ("legacy/x/Dockerfile", ("MS3",)),
            ("x/legacy/Dockerfile", ("MS3",)),
            ("legacy/web.dev.Dockerfile", ("MS3", "MS101")),
            ("a/b/Dockerfile", ("ACM",)),
            ("a/b/c/Dockerfile", ()),
            ("x/a/b/Dockerfile", ()),
        ],
    )
    def test_globs(self, path: str, prefixes: tuple[str, ...]) -> None:
        assert ignored_for(path, self.SETTINGS) == prefixes

    def test_globs_are_relative_to_the_configuration(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = Settings(root=str(tmp_path), per_file_ignores=(("a/Dockerfile", ("MS3",)),))
        (tmp_path / "a").mkdir()
        monkeypatch.chdir(tmp_path / "a")
        assert ignored_for("Dockerfile", settings) == ("MS3",)
        assert ignored_for("../Dockerfile", settings) == ()

    def test_they_win_over_the_full_code_in_select(self) -> None:
        assert selected("MS301", self.SETTINGS)
        assert not selected("MS301", self.SETTINGS, ignored=("MS3",))
        assert not selected("MS301", self.SETTINGS, ignored=("ALL",))
        assert selected("MS301", self.SETTINGS, ignored=("MS1",))


class TestUnknownCodes:
    def message(self, settings: Settings) -> str:
        with pytest.raises(UsageError) as caught:
            check_codes(settings, CODES)
        return str(caught.value)

    def test_known_prefixes_pass(self) -> None:
        check_codes(Settings(select=("MS", "ALL", "MS30", "ACM001")), CODES)

    @pytest.mark.parametrize("key", ["select", "ignore", "extend_select", "extend_ignore"])
    def test_the_key_and_the_file_are_named(self, key: str) -> None:
        name = key.replace("_", "-")
        settings = Settings(**{key: ("MS310",)}, origins={name: "tox.ini"})  # type: ignore[arg-type]
        assert self.message(settings) == f"tox.ini: '{name}': no check has the code 'MS310'; did you mean 'MS301'?"

    def test_a_flag_is_named_as_it_is(self) -> None:
        settings = Settings(select=("MS9",), origins={"select": "--select"})
        assert self.message(settings).startswith("--select: no check has the code 'MS9'")

    def test_per_file_ignores(self) -> None:
        settings = Settings(per_file_ignores=(("a", ("MS3", "XY1")),), origins={"per-file-ignores": "setup.cfg"})
        assert self.message(settings).startswith("setup.cfg: 'per-file-ignores': no check has the code 'XY1'")

    def test_one_like_none_may_be_a_plugins(self) -> None:
        assert self.message(Settings(select=("QQQQ777",))).endswith("mend it, or install the plugin that brings it")

    def test_severity_needs_full_codes(self) -> None:
        from lint_multistage.findings import Severity

        settings = Settings(severity={"MS3": Severity.INFO}, origins={"severity": "a.toml"})
        assert self.message(settings).startswith("a.toml: 'severity': 'MS3' is no full code")
        settings = Settings(severity={"MS999": Severity.INFO}, origins={"severity": "a.toml"})
        assert self.message(settings).startswith("a.toml: 'severity': no check has the code 'MS999'")


@pytest.mark.parametrize(
    ("version", "requirement", "met"),
    [
        ("0.1.0", ">=0.1,<2", True),
        ("2.0", ">=0.1,<2", False),
        ("0.1.0", "0.1", True),
        ("0.1.1", "==0.1.*", True),
        ("0.2.0", "==0.1.*", False),
        ("0.2.0", "!=0.1.*", True),
        ("0.10", ">0.9", True),
        ("1.4.5", "~=1.4.2", True),
        ("1.5", "~=1.4.2", False),
        ("1.5", "~=1.4", True),
        ("1.0.0", "<=1", True),
        ("1.0.0", "<1", False),
        ("1.0rc1", "== 1.0", True),
    ],
)
def test_versions(version: str, requirement: str, met: bool) -> None:
    assert meets(version, requirement) is met


@pytest.mark.parametrize("requirement", ["", "newest", ">=1,", ">=1.*", "~=1", "=>1", ">=9,oops"])
def test_requirements_that_are_none(requirement: str) -> None:
    with pytest.raises(ValueError, match="is no version requirement"):
        meets("1.0", requirement)


class TestRoles:
    def test_the_first_pattern_that_fits_counts(self, tmp_path: Path) -> None:
        roles = (("docker/ci/", "ci"), ("*.prod:final", "runtime"), ("*:dev-*", "development"), ("a:#0", "test"))
        settings = Settings(root=str(tmp_path), roles=roles)

        def found(path: str, *labels: str) -> dict[int, str]:
            return roles_for(str(tmp_path / path), labels, settings)

        assert found("docker/ci/Dockerfile", "a", "dev-b") == {0: "ci", 1: "ci"}
        assert found("Dockerfile.prod", "build", "Final", "Dev-x") == {1: "runtime", 2: "development"}
        assert found("a", "#0", "#1") == {0: "test"}
        assert found("Dockerfile", "app") == {}
