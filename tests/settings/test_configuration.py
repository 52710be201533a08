"""Configuration files and flags become settings."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lint_multistage import __version__
from lint_multistage.findings import Severity
from lint_multistage.settings.config import project_root_of, settings_for
from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.settings import DEFAULT_EXCLUDE, Settings, show


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory is the root of a repository of its own."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def fails(text: str, name: str = ".lint-multistage.toml") -> str:
    """The one line of error that a configuration gives."""
    write(name, text)
    with pytest.raises(UsageError) as caught:
        settings_for("Dockerfile")
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(name)
    return message


class TestWhere:
    def test_without_configuration_all_is_default(self) -> None:
        settings = settings_for("Dockerfile")
        assert settings == Settings(root=os.getcwd(), origins=settings.origins)
        assert set(settings.origins.values()) == {"default"}
        assert settings.exclude == DEFAULT_EXCLUDE

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            (".lint-multistage.toml", 'ignore = ["MS306"]'),
            ("pyproject.toml", '[tool.lint-multistage]\nignore = ["MS306"]'),
            ("setup.cfg", "[lint-multistage]\nignore = MS306"),
            ("tox.ini", "[lint-multistage]\nignore = MS306"),
        ],
    )
    def test_every_file_that_may_hold_the_table(self, name: str, text: str) -> None:
        write(name, text)
        settings = settings_for("Dockerfile")
        assert settings.ignore == ("MS306",)
        assert settings.origins["ignore"] == name
        assert settings.origins["select"] == "default"

    def test_the_first_that_has_the_table_counts(self) -> None:
        write("pyproject.toml", "[tool.other]\nx = 1")
        write("setup.cfg", "[lint-multistage]\nignore = MS1")
        write("tox.ini", "[lint-multistage]\nignore = MS2")
        assert settings_for("Dockerfile").ignore == ("MS1",)
        write("pyproject.toml", "[tool.lint-multistage]\nignore = 'MS3'")
        assert settings_for("Dockerfile").ignore == ("MS3",)
        write(".lint-multistage.toml", "ignore = 'MS4'")
        assert settings_for("Dockerfile").ignore == ("MS4",)

    def test_the_nearest_folder_counts_alone(self) -> None:
        write(".lint-multistage.toml", "ignore = 'MS1'\npreview = true")
        write("a/.lint-multistage.toml", "ignore = 'MS2'")
        assert settings_for("a/b/Dockerfile").ignore == ("MS2",)
        assert settings_for("a/b/Dockerfile").preview is False
        assert settings_for("a/b/Dockerfile").root == os.path.abspath("a")
        assert settings_for("c/Dockerfile").ignore == ("MS1",)

    def test_an_empty_table_is_a_table(self) -> None:
        write(".lint-multistage.toml", "ignore = 'MS1'")
        write("a/pyproject.toml", "[tool.lint-multistage]\n")
        assert settings_for("a/Dockerfile").ignore == ()

    def test_the_search_ends_at_the_repository(self) -> None:
        write(".lint-multistage.toml", "ignore = 'MS1'")
        Path("inner/.git").mkdir(parents=True)
        assert settings_for("inner/x/Dockerfile").ignore == ()

    def test_a_git_file_ends_the_search_too(self) -> None:
        write(".lint-multistage.toml", "ignore = 'MS1'")
        write("worktree/.git", "gitdir: elsewhere")
        assert settings_for("worktree/Dockerfile").ignore == ()

    def test_the_search_ends_at_the_given_root(self) -> None:
        write(".lint-multistage.toml", "ignore = 'MS1'")
        assert settings_for("a/b/Dockerfile", project_root="a").ignore == ()
        assert settings_for("a/b/Dockerfile", project_root=".").ignore == ("MS1",)

    def test_isolated_reads_no_file(self) -> None:
        write(".lint-multistage.toml", "this is no TOML")
        assert settings_for("Dockerfile", isolated=True).ignore == ()

    def test_config_names_the_one_file(self) -> None:
        write(".lint-multistage.toml", "ignore = 'MS1'")
        write("ci/strict.toml", "select = 'MS3'")
        settings = settings_for("Dockerfile", config="ci/strict.toml")
        assert (settings.ignore, settings.select) == ((), ("MS3",))

    def test_config_of_an_absent_file(self) -> None:
        with pytest.raises(UsageError, match=r"^--config: there is no file nowhere\.toml$"):
            settings_for("Dockerfile", config="nowhere.toml")

    def test_config_without_our_table(self) -> None:
        write("pyproject.toml", "[tool.other]\n")
        with pytest.raises(UsageError, match=r"--config: pyproject\.toml .*\[tool\.lint-multistage\]"):
            settings_for("Dockerfile", config="pyproject.toml")

    def test_config_and_isolated_contradict(self) -> None:
        with pytest.raises(UsageError, match="--isolated and --config"):
            settings_for("Dockerfile", config="x.toml", isolated=True)

    def test_files_of_one_configuration_share_one_object(self) -> None:
        write(".lint-multistage.toml", "ignore = 'MS1'")
        cache: dict[str, Settings] = {}
        one = settings_for("a/Dockerfile", cache=cache)
        write(".lint-multistage.toml", "ignore = 'MS2'")
        assert settings_for("b/c/Dockerfile", cache=cache) is one


class TestProjectRoot:
    def test_nearest_repository(self) -> None:
        Path("a/.git").mkdir(parents=True)
        assert project_root_of("a/b/Dockerfile") == os.path.abspath("a")
        assert project_root_of("c/Dockerfile") == os.getcwd()

    def test_our_configuration_makes_a_root(self) -> None:
        write("a/setup.cfg", "[lint-multistage]\n")
        write("a/b/setup.cfg", "[other]\n")
        assert project_root_of("a/b/Dockerfile") == os.path.abspath("a")

    def test_the_given_one(self) -> None:
        assert project_root_of("a/b/Dockerfile", given="a") == os.path.abspath("a")

    def test_a_file_that_belongs_to_nothing_has_its_own_folder(self) -> None:
        Path(".git").rmdir()
        cache: dict[str, str] = {}
        assert project_root_of("a/b/Dockerfile", cache=cache) == os.path.abspath("a/b")
        assert project_root_of("a/Dockerfile", cache=cache) == os.path.abspath("a")


class TestFlags:
    def test_a_flag_beats_the_file(self) -> None:
        write(".lint-multistage.toml", "fail-on = 'info'\nselect = ['MS1']\nignore = ['MS2']")
        settings = settings_for("Dockerfile", {"fail-on": ("--fail-on", "error"), "select": ("--select", "MS3,MS4")})
        assert settings.fail_on is Severity.ERROR
        assert settings.select == ("MS3", "MS4")
        assert settings.ignore == ("MS2",)
        assert settings.origins["select"] == "--select"
        assert settings.origins["ignore"] == ".lint-multistage.toml"

    def test_a_flag_that_was_not_given_says_nothing(self) -> None:
        write(".lint-multistage.toml", "fail-on = 'info'")
        assert settings_for("Dockerfile", {"fail-on": ("--fail-on", None)}).fail_on is Severity.INFO

    def test_extending_flags_add(self) -> None:
        write(".lint-multistage.toml", "extend-ignore = ['MS1']\nextend-exclude = ['a']")
        flags = {
            "extend-ignore": ("--extend-ignore", ["MS2", "MS3"]),
            "extend-exclude": ("--extend-exclude", ["b"]),
        }
        settings = settings_for("Dockerfile", flags)
        assert settings.extend_ignore == ("MS1", "MS2", "MS3")
        assert settings.extend_exclude == ("a", "b")
        assert settings.origins["extend-ignore"] == ".lint-multistage.toml, --extend-ignore"

    def test_tables_are_merged_by_entry(self) -> None:
        write(".lint-multistage.toml", "[build-arg]\nA = '1'\nB = '1'")
        settings = settings_for("Dockerfile", {"build-arg": ("--build-arg", ["B=2", "C=x=y", "D="])})
        assert settings.build_arg == {"A": "1", "B": "2", "C": "x=y", "D": ""}

    def test_globs_of_flags_are_meant_from_the_working_directory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write(".lint-multistage.toml", "extend-exclude = ['sub/a']")
        Path("sub").mkdir()
        monkeypatch.chdir("sub")
        flags = {
            "exclude": ("--exclude", ["old/*", "vendor", "**/x/y"]),
            "per-file-ignores": ("--per-file-ignores", ["old/*:MS1"]),
        }
        settings = settings_for("Dockerfile", flags)
        assert settings.exclude == ("sub/old/*", "vendor", "**/x/y")
        assert settings.per_file_ignores == (("sub/old/*", ("MS1",)),)
        assert settings.extend_exclude == ("sub/a",)

    @pytest.mark.parametrize(
        ("key", "value", "message"),
        [
            ("fail-on", "fatal", "--fail-on must be error, warning or info, not 'fatal'"),
            ("build-arg", ["A"], "--build-arg must be like NAME=value, not 'A'"),
            ("per-file-ignores", ["MS301"], "--per-file-ignores must be like path/*:MS301,MS302, not 'MS301'"),
        ],
    )
    def test_a_bad_value_names_the_flag(self, key: str, value: object, message: str) -> None:
        with pytest.raises(UsageError) as caught:
            settings_for("Dockerfile", {key: (f"--{key}", value)})
        assert str(caught.value) == message


class TestValues:
    TOML = """
select = ["MS1", "ms3"]
ignore = "MS306, MS307"
fail-on = "info"
target = ["prod"]
exclude = ["old"]
force-exclude = true
max-file-size = 1_000
preview = true
required-version = ">=0.0.1"
require-plugins = ["acme-lint"]
format = "json"
output-file = "out.json"
severity.MS306 = "warning"

[per-file-ignores]
"legacy/*" = ["MS301", "MS302"]

[build-arg]
BASE = "alpine"
"""
    INI = """
[lint-multistage]
select = MS1, ms3
ignore =
    MS306
    MS307
fail-on = info
target = prod
exclude = old
force-exclude = yes
max-file-size = 1_000
preview = on
required-version = >=0.0.1
require-plugins = acme-lint
format = json
output-file = out.json
severity.MS306 = warning
per-file-ignores =
    legacy/*:MS301,MS302
build-arg = BASE=alpine

[other]
not = %ours
"""

    @pytest.mark.parametrize(("name", "text"), [(".lint-multistage.toml", TOML), ("setup.cfg", INI)])
    def test_every_key_in_either_form(self, name: str, text: str) -> None:
        write(name, text)
        settings = settings_for("Dockerfile")
        assert settings == Settings(
            select=("MS1", "MS3"),
            ignore=("MS306", "MS307"),
            per_file_ignores=(("legacy/*", ("MS301", "MS302")),),
            severity={"MS306": Severity.WARNING},
            fail_on=Severity.INFO,
            target=("prod",),
            build_arg={"BASE": "alpine"},
            exclude=("old",),
            force_exclude=True,
            max_file_size=1000,
            preview=True,
            required_version=">=0.0.1",
            require_plugins=("acme-lint",),
            format="json",
            output_file="out.json",
            root=os.getcwd(),
            origins=settings.origins,
        )

    def test_roles_are_one_a_line(self) -> None:
        write("setup.cfg", "[lint-multistage]\nroles =\n  docker/ci/*=ci\n  *:dev-* = development\n")
        assert settings_for("Dockerfile").roles == (("docker/ci/*", "ci"), ("*:dev-*", "development"))

    def test_flake8s_form_of_per_file_ignores(self) -> None:
        write("tox.ini", "[lint-multistage]\nper-file-ignores =\n  a/*, b.Dockerfile: MS1\n  # why\n  c: MS2 MS3")
        assert settings_for("Dockerfile").per_file_ignores == (
            ("a/*", ("MS1",)),
            ("b.Dockerfile", ("MS1",)),
            ("c", ("MS2", "MS3")),
        )

    def test_a_byte_order_mark_is_no_part_of_a_file(self) -> None:
        write(".lint-multistage.toml", "\ufeffignore = 'MS1'")
        assert settings_for("Dockerfile").ignore == ("MS1",)


class TestMistakes:
    def test_an_unknown_key_names_the_nearest(self) -> None:
        assert fails("igonre = 'MS1'") == ".lint-multistage.toml: unknown key 'igonre'; did you mean 'ignore'?"
        assert fails("extend_exclude = []").endswith("did you mean 'extend-exclude'?")

    def test_an_unknown_key_like_none_lists_all(self) -> None:
        message = fails("zzz = 1")
        assert "known are select, ignore" in message
        assert "per-file-ignores" in message

    def test_in_each_form_of_file(self) -> None:
        assert "did you mean 'preview'" in fails("[tool.lint-multistage]\nprevew = true", "pyproject.toml")
        Path("pyproject.toml").unlink()
        assert "did you mean 'preview'" in fails("[lint-multistage]\nprevew = true", "setup.cfg")

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("preview = 'yes'", "'preview' must be true or false, not 'yes'"),
            ("preview = 1", "'preview' must be true or false, not 1"),
            ("max-file-size = 0", "'max-file-size' must be a number of bytes above 0, not 0"),
            ("max-file-size = true", "'max-file-size' must be a number of bytes above 0, not true"),
            ("fail-on = 'never'", "'fail-on' must be error, warning or info, not 'never'"),
            ("select = 1", "'select' must be a list of strings, not 1"),
            ("select = [1]", "'select' must be a list of strings, not [1]"),
            ("severity.MS306 = 'bad'", "'severity.MS306' must be error, warning or info, not 'bad'"),
            ("severity = ['MS306']", "'severity' must be a table of codes and severities"),
            ("build-arg.A = 1", "'build-arg.A' must be a string (in quotes), not 1"),
            ("roles = ['a']", "'roles' must be a table of globs and roles"),
            (
                "roles.'ci/*' = 'cl'",
                "'roles.ci/*' must be runtime, development, test, ci, export or toolchain, not 'cl'",
            ),
            ("per-file-ignores = ['a']", "'per-file-ignores' must be a table of globs and codes"),
            ("per-file-ignores.'a/*' = 1", "'per-file-ignores.a/*' must be a list of strings, not 1"),
            ("format = 1", "'format' must be a string, not 1"),
            ("required-version = 1", "'required-version' must be a string, not 1"),
            ("extend = 1", "'extend' must be the path of a file, not 1"),
        ],
    )
    def test_a_value_of_another_kind(self, text: str, says: str) -> None:
        assert says in fails(text)

    def test_toml_that_is_none(self) -> None:
        assert fails("preview = true\nselect = [").startswith(".lint-multistage.toml:2: is no valid TOML: ")

    def test_ini_that_is_none(self) -> None:
        message = fails("[other]\nfine = 1\n[lint-multistage]\nselect MS1\n", "setup.cfg")
        assert message.startswith("setup.cfg:4: ")
        assert "no 'key = value'" in message

    def test_what_stands_twice(self) -> None:
        message = fails("[lint-multistage]\nignore = MS1\nignore = MS2\n", "tox.ini")
        assert message == "tox.ini:3: key 'ignore' stands there twice; keep one"
        message = fails("[lint-multistage]\nignore = MS1\n[lint-multistage]\n", "tox.ini")
        assert message == "tox.ini:3: section [lint-multistage] stands there twice; keep one"

    def test_a_table_that_is_no_table(self) -> None:
        assert "write [tool.lint-multistage]" in fails("[tool]\nlint-multistage = 1", "pyproject.toml")

    def test_bytes_that_are_no_text(self) -> None:
        Path(".lint-multistage.toml").write_bytes(b"preview = true\nformat = '\xff'\n")
        with pytest.raises(UsageError, match=r"^\.lint-multistage\.toml:2: is not UTF-8"):
            settings_for("Dockerfile")

    def test_mistakes_of_others_are_none_of_ours(self) -> None:
        write("pyproject.toml", "this is no TOML")
        Path("setup.cfg").write_bytes(b"[flake8]\nx = \xff\ny")
        write("tox.ini", "[flake8]\nthis is no key\n[a]\n[a]\n[lint-multistage]\npreview = true\n")
        assert settings_for("Dockerfile").preview is True

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_a_file_that_cannot_be_read(self) -> None:
        write(".lint-multistage.toml", "")
        Path(".lint-multistage.toml").chmod(0)
        with pytest.raises(UsageError, match=r"^\.lint-multistage\.toml: cannot be read"):
            settings_for("Dockerfile")

    def test_a_folder_of_that_name_is_no_configuration(self) -> None:
        Path("pyproject.toml").mkdir()
        write("setup.cfg", "[lint-multistage]\npreview = true")
        assert settings_for("Dockerfile").preview is True


class TestExtend:
    def test_a_relative_file(self) -> None:
        write("base/lint.toml", "ignore = ['MS1']\npreview = true\nextend-select = ['MS3']\nseverity.MS306 = 'error'")
        write(
            "app/.lint-multistage.toml",
            "extend = '../base/lint.toml'\nignore = ['MS2']\nextend-select = ['MS4']\nseverity.MS301 = 'info'",
        )
        settings = settings_for("app/Dockerfile")
        assert settings.ignore == ("MS2",)
        assert settings.preview is True
        assert settings.extend_select == ("MS3", "MS4")
        assert settings.severity == {"MS306": Severity.ERROR, "MS301": Severity.INFO}
        assert settings.root == os.path.abspath("app")
        assert settings.origins["preview"] == "base/lint.toml"
        assert settings.origins["severity"] == "base/lint.toml, app/.lint-multistage.toml"

    def test_through_several_files_and_forms(self) -> None:
        write("one.toml", "target = 'a'\nformat = 'json'")
        write("two/setup.cfg", "[lint-multistage]\nextend = ../one.toml\ntarget = b")
        write("pyproject.toml", "[tool.lint-multistage]\nextend = 'two/setup.cfg'\npreview = true")
        settings = settings_for("Dockerfile")
        assert (settings.target, settings.format, settings.preview) == (("b",), "json", True)

    def test_a_circle(self) -> None:
        write("b.toml", "extend = '.lint-multistage.toml'")
        write(".lint-multistage.toml", "extend = 'b.toml'")
        with pytest.raises(UsageError) as caught:
            settings_for("Dockerfile")
        circle = ".lint-multistage.toml -> b.toml -> .lint-multistage.toml"
        assert str(caught.value) == f"b.toml: 'extend' runs in a circle ({circle}); take one of them out"

    def test_a_circle_of_one(self) -> None:
        assert "runs in a circle" in fails("extend = './.lint-multistage.toml'")

    def test_a_circle_through_a_link(self) -> None:
        write(".lint-multistage.toml", "extend = 'link.toml'")
        Path("link.toml").symlink_to(".lint-multistage.toml")
        with pytest.raises(UsageError, match="runs in a circle"):
            settings_for("Dockerfile")

    def test_one_file_twice_without_a_circle(self) -> None:
        write("base.toml", "preview = true")
        write("a/.lint-multistage.toml", "extend = '../base.toml'")
        write("b/.lint-multistage.toml", "extend = '../a/.lint-multistage.toml'")
        assert settings_for("b/Dockerfile").preview is True

    def test_a_file_that_is_absent(self) -> None:
        assert fails("extend = 'base.toml'") == ".lint-multistage.toml: 'extend': there is no file base.toml"

    def test_a_file_without_our_table(self) -> None:
        write("other/pyproject.toml", "[tool.other]")
        assert "is no file with a table [tool.lint-multistage]" in fails("extend = 'other/pyproject.toml'")

    def test_a_mistake_is_told_of_the_file_that_has_it(self) -> None:
        write("base.toml", "igonre = 'MS1'")
        write(".lint-multistage.toml", "extend = 'base.toml'")
        with pytest.raises(UsageError, match=r"^base\.toml: unknown key 'igonre'"):
            settings_for("Dockerfile")

    def test_nothing_is_fetched(self) -> None:
        assert "never fetched from the network" in fails("extend = 'https://example.org/base.toml'")

    def test_a_file_of_a_package(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write("site/acme_rules/__init__.py", "raise AssertionError('it must not be imported')")
        write("site/acme_rules/conf/base.toml", "preview = true")
        monkeypatch.syspath_prepend(os.path.abspath("site"))
        write(".lint-multistage.toml", "extend = 'package:acme_rules/conf/base.toml'")
        assert settings_for("Dockerfile").preview is True

    def test_a_file_of_a_distribution_of_another_name(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write("site/acme_rules/base.toml", "preview = true")
        write("site/acme_lint-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme-lint\nVersion: 1\n")
        write("site/acme_lint-1.dist-info/RECORD", "acme_rules/base.toml,,\n")
        monkeypatch.syspath_prepend(os.path.abspath("site"))
        write(".lint-multistage.toml", "extend = 'package:acme-lint/base.toml'")
        assert settings_for("Dockerfile").preview is True

    @pytest.mark.parametrize(
        ("extend", "says"),
        [
            ("package:absent_of_all/base.toml", "no installed package has absent_of_all/base.toml; install it"),
            ("package:lint_multistage/absent.toml", "no installed package has lint_multistage/absent.toml"),
            ("package:acme", "must be like package:NAME/FILE"),
            ("package:/x.toml", "must be like package:NAME/FILE"),
        ],
    )
    def test_a_package_that_is_absent(self, extend: str, says: str) -> None:
        assert says in fails(f"extend = '{extend}'")


class TestRequiredVersion:
    def test_met(self) -> None:
        write(".lint-multistage.toml", f"required-version = '=={__version__}'")
        assert settings_for("Dockerfile").required_version == f"=={__version__}"

    def test_not_met(self) -> None:
        message = fails("required-version = '>=999'")
        assert f"'required-version' is >=999, this is lint-multistage {__version__}; install" in message

    def test_told_before_keys_that_only_the_other_version_knows(self) -> None:
        assert "'required-version' is >=999" in fails("new-key = 1\nrequired-version = '>=999'")

    def test_of_an_extended_file(self) -> None:
        write("base.toml", "required-version = '<0'")
        write(".lint-multistage.toml", "extend = 'base.toml'\nrequired-version = '>=0'")
        with pytest.raises(UsageError, match=r"^base\.toml: 'required-version' is <0"):
            settings_for("Dockerfile")

    def test_one_that_is_none(self) -> None:
        assert "'newest' is no version requirement; write it like '>=0.1,<2'" in fails("required-version = 'newest'")


def test_shown_settings_are_toml_with_their_origins() -> None:
    write(".lint-multistage.toml", TestValues.TOML)
    settings = settings_for("Dockerfile", {"target": ("--target", ['a "quoted" name'])})
    lines = show(settings)
    read = tomllib.loads("\n".join(lines))
    assert read["target"] == ['a "quoted" name']
    assert read["severity"] == {"MS306": "warning"}
    assert read["per-file-ignores"] == {"legacy/*": ["MS301", "MS302"]}
    assert read["max-file-size"] == 1000
    assert read["preview"] is True
    assert 'target = ["a \\"quoted\\" name"]  # --target' in lines
    assert 'fail-on = "info"  # .lint-multistage.toml' in lines
    assert "extend-select = []  # default" in lines


def test_start_up_needs_nothing_slow() -> None:
    script = """
import sys
import lint_multistage.settings.config, lint_multistage.settings.files, lint_multistage.settings.selection
from lint_multistage.settings.config import settings_for
settings_for("Dockerfile")
slow = {"tomllib", "configparser", "pathspec", "difflib", "importlib.metadata", "tree_sitter", "json"}
assert not slow & set(sys.modules), slow & set(sys.modules)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
