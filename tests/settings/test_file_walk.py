"""Which files are linted."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from lint_multistage.settings.config import settings_for
from lint_multistage.settings.errors import UsageError
from lint_multistage.settings.files import DOCKERFILE, Found, dockerfile_name, template_name, walk
from lint_multistage.settings.settings import Settings

YES = (
    "Dockerfile dockerfile DOCKERFILE Containerfile web.Dockerfile web.dockerfile web.containerfile Dockerfile.prod "
    "Dockerfile-prod Containerfile.build dockerfile.alpine3.18 Dockerfile.el8 a-b.c.Dockerfile Dockerfile.web.prod"
).split()
NO = (
    "Dockerfile.dockerignore web.Dockerfile.dockerignore x.dockerfile.md Dockerfile.yaml Dockerfile.yml "
    "Dockerfile.json Dockerfile.toml Dockerfile.j2 Dockerfile.tmpl Dockerfile.tpl Dockerfile.in Dockerfile.erb "
    "Dockerfile.swp dockerfile.py Dockerfile.go Dockerfile.ts Dockerfile.rb Dockerfile.ex Dockerfile.orig "
    "Dockerfile.bak Dockerfile.MD mydockerfile Dockerfile~ Dockerfile.prod~ Dockerfiles Dockerfile_old "
    ".dockerfile .dockerignore docker Dockerfile.prod.md README.md "
).split()


class TestNames:
    @pytest.mark.parametrize("name", YES)
    def test_linted(self, name: str) -> None:
        assert dockerfile_name(name)
        assert dockerfile_name(f"Dockerfile.md/sub.py/{name}")

    @pytest.mark.parametrize("name", NO)
    def test_left_alone(self, name: str) -> None:
        assert not dockerfile_name(name)
        assert not dockerfile_name(f"Dockerfile/{name}")

    def test_templates(self) -> None:
        assert all(map(template_name, ["Dockerfile.j2", "a/Dockerfile.prod.TMPL", "x.Dockerfile.in", "motd.erb"]))
        assert not any(map(template_name, ["Dockerfile", "a.j2/Dockerfile", ".j2", "j2", "Dockerfile.j2x"]))

    @pytest.mark.parametrize("program", ["pre-commit", "prek"])
    def test_pre_commit_takes_the_same_pattern(
        self, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its `files:` is matched by Python's `re`, or in prek by another engine."""
        found = shutil.which(program, path=os.path.dirname(sys.executable)) or shutil.which(program)
        if not found or not shutil.which("git"):
            pytest.skip(f"{program} is not installed")
        monkeypatch.chdir(tmp_path)
        for name in (*YES, *NO):
            lay(f"of-{name}/{name}")
        hook = {"id": "x", "name": "x", "language": "system", "entry": "echo", "verbose": True, "require_serial": True}
        repository = {"repo": "local", "hooks": [{**hook, "files": DOCKERFILE}]}
        Path(".pre-commit-config.yaml").write_text(json.dumps({"repos": [repository]}))
        for command in (["git", "init", "-q"], ["git", "add", "-A"]):
            subprocess.run(command, check=True)
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "PRE_COMMIT_HOME": str(tmp_path),
            "PREK_HOME": str(tmp_path),
        }
        ran = subprocess.run([found, "run", "-a"], capture_output=True, text=True, env=environment)
        taken = {word for word in ran.stdout.split() if word.startswith("of-")}
        assert taken == {f"of-{name}/{name}" for name in YES}, ran.stdout + ran.stderr


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lay(*paths: str) -> None:
    """Make empty files."""
    for path in paths:
        write(path, "")


def write(path: str, text: str) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def found(*paths: str, **flags: object) -> Found:
    overrides = {key.replace("_", "-"): (f"--{key}", value) for key, value in flags.items()}
    cache: dict[str, Settings] = {}
    return walk(paths or (".",), partial(settings_for, overrides=overrides, cache=cache))


def files(*paths: str, **flags: object) -> tuple[str, ...]:
    return found(*paths, **flags).files


class TestFolders:
    def test_dockerfiles_at_any_depth_in_order(self) -> None:
        lay("b/Dockerfile", "Dockerfile", "a/x/web.Dockerfile", "a/x/main.go", "a/Dockerfile.md")
        assert files() == ("Dockerfile", "a/x/web.Dockerfile", "b/Dockerfile")

    def test_paths_are_spelled_as_they_were_given(self, tmp_path: Path) -> None:
        lay("a/Dockerfile")
        assert files("a") == files("./a") == files("a/") == ("a/Dockerfile",)
        assert files(str(tmp_path)) == (f"{tmp_path.as_posix()}/a/Dockerfile",)

    def test_a_folder_above(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lay("a/Dockerfile", "b/Dockerfile")
        monkeypatch.chdir("b")
        assert files("..") == ("../a/Dockerfile", "../b/Dockerfile")
        assert files("../a") == ("../a/Dockerfile",)

    def test_a_folder_named_like_a_dockerfile_is_walked(self) -> None:
        lay("Dockerfile/Dockerfile")
        assert files() == ("Dockerfile/Dockerfile",)

    def test_what_other_tools_make_is_left_out(self) -> None:
        lay("Dockerfile", "node_modules/x/Dockerfile", "a/.venv/Dockerfile", "venv/Dockerfile", ".git/Dockerfile")
        assert files() == ("Dockerfile",)

    def test_but_not_where_it_is_the_argument(self) -> None:
        lay("node_modules/x/Dockerfile")
        assert files("node_modules") == ("node_modules/x/Dockerfile",)

    def test_templates_are_told_apart(self) -> None:
        lay("Dockerfile.j2", "a/Dockerfile.prod.tmpl", "a/web.Dockerfile.in.erb", "motd.j2", "Dockerfile")
        assert found() == Found(("Dockerfile",), ("Dockerfile.j2", "a/Dockerfile.prod.tmpl", "a/web.Dockerfile.in.erb"))

    def test_the_order_of_the_file_system_does_not_matter(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lay("b/Dockerfile", "a/Dockerfile", "a/Dockerfile.x", "c/d/Dockerfile")
        Path("a/Dockerfile.link").symlink_to("Dockerfile")
        expected = found()
        scan = os.scandir

        class Backwards:
            def __init__(self, path: str) -> None:
                with scan(path) as entries:
                    self.entries = sorted(entries, key=lambda entry: entry.name, reverse=True)

            def __enter__(self) -> list[os.DirEntry[str]]:
                return self.entries

            def __exit__(self, *_: object) -> None:
                pass

        monkeypatch.setattr(os, "scandir", Backwards)
        assert found() == expected
        assert expected.files == ("a/Dockerfile", "a/Dockerfile.x", "b/Dockerfile", "c/d/Dockerfile")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
    def test_a_folder_that_cannot_be_read(self) -> None:
        lay("a/Dockerfile", "b/Dockerfile")
        Path("a").chmod(0)
        try:
            assert found() == Found(("b/Dockerfile",), (), ("a",))
            assert found("a") == Found((), (), ("a",))
        finally:
            Path("a").chmod(0o755)

    def test_a_folder_that_cannot_be_read_stops_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lay("a/Dockerfile", "b/Dockerfile")
        scan = os.scandir

        def refuse(path: str) -> object:
            if os.path.basename(path) == "a":
                raise PermissionError(13, "Permission denied", path)
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)
        assert found() == Found(("b/Dockerfile",), (), ("a",))

    def test_an_empty_folder(self) -> None:
        assert found() == Found()


class TestFiles:
    def test_a_file_that_is_named_is_taken_whatever_its_name(self) -> None:
        lay("node_modules/image.txt", "Dockerfile.j2")
        assert found("node_modules/image.txt", "Dockerfile.j2") == Found(("Dockerfile.j2", "node_modules/image.txt"))

    def test_standard_input(self) -> None:
        lay("Dockerfile")
        assert files("-", "Dockerfile") == ("-", "Dockerfile")

    def test_a_path_that_leads_nowhere(self) -> None:
        with pytest.raises(UsageError, match=r"^absent/Dockerfile: there is no such file or folder$"):
            files("absent/Dockerfile")

    def test_each_file_comes_once(self, tmp_path: Path) -> None:
        lay("a/Dockerfile")
        assert files("a/Dockerfile", "./a/Dockerfile", "a", ".") == ("a/Dockerfile",)
        assert len(files("a", str(tmp_path / "a"))) == 1


class TestLinks:
    def test_a_link_to_a_file_that_is_walked_too(self) -> None:
        lay("z/Dockerfile")
        Path("Dockerfile").symlink_to("z/Dockerfile")
        assert files() == ("z/Dockerfile",)
        assert files("Dockerfile", "z") == ("z/Dockerfile",)
        assert files("Dockerfile") == ("Dockerfile",)

    def test_a_link_to_a_file_elsewhere(self, tmp_path: Path) -> None:
        lay("base.txt", "in/x")
        Path("in/Dockerfile").symlink_to("../base.txt")
        assert files("in") == ("in/Dockerfile",)

    def test_links_in_a_circle(self) -> None:
        lay("a/Dockerfile")
        Path("a/up").symlink_to("..")
        Path("a/Dockerfile.self").symlink_to("Dockerfile.self")
        Path("a/nowhere.Dockerfile").symlink_to("absent")
        assert found() == Found(("a/Dockerfile",))

    def test_folders_behind_links_are_not_walked(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        outside = tmp_path_factory.mktemp("outside")
        (outside / "Dockerfile").touch()
        Path("link").symlink_to(outside)
        assert files() == ()

    def test_unless_they_are_the_argument(self) -> None:
        lay("z/b/Dockerfile")
        Path("a").symlink_to("z")
        assert files("a") == ("a/b/Dockerfile",)
        assert files("a", "z") == ("z/b/Dockerfile",)


class TestExclude:
    def test_exclude_replaces_what_is_left_out_by_default(self) -> None:
        lay("Dockerfile", "old/Dockerfile", "venv/Dockerfile")
        assert files(exclude="old") == ("Dockerfile", "venv/Dockerfile")
        assert files(extend_exclude="old") == ("Dockerfile",)

    @pytest.mark.parametrize(
        ("glob", "left"),
        [
            ("a", ("Dockerfile", "b/Dockerfile")),
            ("a/Dockerfile", ("Dockerfile", "b/Dockerfile", "b/a/Dockerfile")),
            ("/b/*", ("Dockerfile", "a/Dockerfile")),
            ("Dockerfile", ()),
            ("Dockerfile/", ("Dockerfile", "a/Dockerfile", "b/Dockerfile", "b/a/Dockerfile")),
            ("**/a/**", ("Dockerfile", "b/Dockerfile")),
        ],
    )
    def test_globs(self, glob: str, left: tuple[str, ...]) -> None:
        lay("Dockerfile", "a/Dockerfile", "b/Dockerfile", "b/a/Dockerfile")
        assert set(files(exclude=glob)) == set(left)

    def test_globs_of_a_configuration_are_relative_to_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write("p/.lint-multistage.toml", "exclude = ['a/Dockerfile']\n")
        lay("p/a/Dockerfile", "p/b/a/Dockerfile", "a/Dockerfile")
        assert files() == ("a/Dockerfile", "p/b/a/Dockerfile")
        monkeypatch.chdir("p/b")
        assert files("..") == ("../b/a/Dockerfile",)

    def test_a_flags_globs_are_relative_to_the_working_directory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        write("pyproject.toml", "[tool.lint-multistage]\n")
        lay("p/a/Dockerfile", "a/Dockerfile", "p/c/a/Dockerfile")
        monkeypatch.chdir("p")
        assert files("..", exclude="a/Dockerfile") == ("../a/Dockerfile", "../p/c/a/Dockerfile")

    def test_a_configuration_below_counts_for_what_is_below_it(self) -> None:
        write("p/.lint-multistage.toml", "exclude = []\n")
        lay("p/venv/Dockerfile", "venv/Dockerfile")
        assert files() == ("p/venv/Dockerfile",)

    def test_named_files_are_taken_all_the_same(self) -> None:
        lay("old/Dockerfile")
        assert files("old/Dockerfile", exclude="old") == ("old/Dockerfile",)
        assert files("old", exclude="old") == ("old/Dockerfile",)

    def test_unless_excluding_is_forced(self) -> None:
        lay("old/x/Dockerfile", "new/Dockerfile")
        forced = partial(files, exclude="old", force_exclude="true")
        assert forced("old/x/Dockerfile", "new/Dockerfile") == ("new/Dockerfile",)
        assert forced("old/x", "old") == ()


class TestGitignore:
    @pytest.fixture(autouse=True)
    def _repository(self) -> None:
        Path(".git").mkdir()

    def test_what_git_ignores_is_left_out(self) -> None:
        write(".gitignore", "build/\n*.dev\n")
        lay("Dockerfile", "Dockerfile.dev", "build/Dockerfile", "a/build/Dockerfile", "a/Dockerfile")
        assert files() == ("Dockerfile", "a/Dockerfile")

    def test_nested_files_and_negation(self) -> None:
        write(".gitignore", "Dockerfile.*\n")
        write("a/.gitignore", "!Dockerfile.keep\n/b\n")
        lay("Dockerfile.keep", "a/Dockerfile.keep", "a/Dockerfile.x", "a/b/Dockerfile", "a/c/b/Dockerfile")
        assert files() == ("a/Dockerfile.keep", "a/c/b/Dockerfile")

    def test_the_rules_above_an_argument_hold(self) -> None:
        write(".gitignore", "/a/x\n*.dev\n")
        lay("a/x/Dockerfile", "a/y/Dockerfile", "a/y/Dockerfile.dev")
        assert files("a") == ("a/y/Dockerfile",)
        assert files("a/x") == ("a/x/Dockerfile",)

    def test_a_repository_within_has_its_own_rules(self) -> None:
        write(".gitignore", "*.dev\n")
        write("sub/.git", "gitdir: elsewhere\n")
        lay("sub/Dockerfile.dev", "Dockerfile.dev")
        assert files() == ("sub/Dockerfile.dev",)

    def test_named_files_are_taken_all_the_same(self) -> None:
        write(".gitignore", "*\n")
        lay("Dockerfile")
        assert files("Dockerfile") == ("Dockerfile",)
        assert files() == ()

    def test_templates_too_are_ignored(self) -> None:
        write(".gitignore", "*.j2\n")
        lay("Dockerfile.j2")
        assert found() == Found()

    def test_the_exclude_file_of_the_repository(self) -> None:
        write(".git/info/exclude", "/scratch\n# more\n")
        lay("scratch/Dockerfile", "a/scratch/Dockerfile")
        assert files() == ("a/scratch/Dockerfile",)
