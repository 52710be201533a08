"""Which packages are left after a RUN."""

from __future__ import annotations

import time

import pytest

from lint_multistage.contents.packages import Installed, Packages, packages_after
from lint_multistage.facts import load
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.syntax.instructions import Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.text import Source


def after(*runs: str, **variables: str) -> tuple[Installed, ...]:
    """The packages after the RUNs of one stage."""
    return state(*runs, **variables).installed


def state(*runs: str, **variables: str) -> Packages:
    """What is known of the packages after the RUNs of one stage."""
    source = Source.of("Dockerfile", "FROM debian\n" + "".join(f"RUN {run}\n" for run in runs))
    packages = Packages()
    for number, run in enumerate(each for each in read_dockerfile(source).instructions() if isinstance(each, Run)):
        script = read_script(run, source, variables=variables)
        assert script.understood
        packages = packages_after(packages, script, number, load().recommended)
    return packages


def left(*runs: str, **variables: str) -> str:
    """Their names in order, with a `?` behind those that are not certain."""
    return " ".join(package.name + "?" * (not package.certain) for package in after(*runs, **variables))


# --- what is known of a package


def test_what_is_kept_of_a_package() -> None:
    source = Source.of("Dockerfile", "FROM debian\nRUN apt-get install -y --no-install-recommends g++=4:12.2.0-3\n")
    run = read_dockerfile(source).stages[0].instructions[1]
    (package,) = packages_after(Packages(), read_script(run, source), 7).installed
    assert (package.manager, package.name, package.plain, package.instruction) == ("apt", "g++=4:12.2.0-3", "g++", 7)
    assert source[package.span] == "g++=4:12.2.0-3"
    assert (package.certain, package.virtual, package.auto, package.recommends) == (True, "", False, False)


@pytest.mark.parametrize(
    ("run", "plain"),
    [
        ("apt-get install gcc=4:12", "gcc"),
        ("apt-get install gcc/bookworm-backports", "gcc"),
        ("apt-get install libc6-dev:i386", "libc6-dev"),
        ("apt-get install ./openjdk-17_17.0.1_amd64.deb", "openjdk-17"),
        ("apk add 'gcc~=12' ", "gcc"),
        ("apk add gcc@edge", "gcc"),
        ("conda install conda-forge::gxx=12.1", "gxx"),
        ("pacman -S core/gcc", "gcc"),
        ("yum install gcc-c++.x86_64", "gcc-c++"),
        ("yum groupinstall 'Development Tools'", "@development-tools"),
        ("dnf install @development-tools", "@development-tools"),
        ("zypper in -t pattern devel_basis", "pattern:devel_basis"),
    ],
)
def test_plain_name(run: str, plain: str) -> None:
    assert [package.plain for package in after(run)] == [plain]


# --- installing


@pytest.mark.parametrize(
    ("run", "manager"),
    [
        ("apt-get install -y -qq gcc make", "apt"),
        ("apt-get -y -o Acquire::Retries=3 --option Dpkg::Use-Pty=0 install gcc make", "apt"),
        ("apt-get install -yt bookworm-backports gcc -t bullseye make", "apt"),
        ("apt-get install -tstable gcc make", "apt"),
        ("apt install --yes -- gcc make", "apt"),
        ("aptitude -y install gcc make", "apt"),
        ("DEBIAN_FRONTEND=noninteractive sudo -E apt-get install gcc make", "apt"),
        ("/usr/bin/apt-get install gcc make", "apt"),
        ("install_packages gcc make", "apt"),
        ("apk add --no-cache gcc make", "apk"),
        ("apk --update --repository http://x/edge -X http://y add gcc make", "apk"),
        ("apk add -U --root / gcc make", "apk"),
        ("dnf install -y --setopt=tsflags=nodocs --enablerepo crb gcc make", "dnf"),
        ("yum -y -d 1 install gcc make", "dnf"),
        ("microdnf install --nodocs -y gcc make", "dnf"),
        ("tdnf install -y gcc make", "dnf"),
        ("zypper -n --gpg-auto-import-keys in --no-recommends -y gcc make", "zypper"),
        ("zypper --non-interactive install gcc make", "zypper"),
        ("pacman -Syu --noconfirm --needed gcc make", "pacman"),
        ("pacman --sync --ignore linux gcc make", "pacman"),
        ("conda install -y -c conda-forge -n base gcc make", "conda"),
        ("mamba create -yn env gcc make", "conda"),
        ("micromamba install -y -p /opt/x gcc make", "conda"),
    ],
)
def test_installed(run: str, manager: str) -> None:
    packages = after(run)
    assert [(package.manager, package.name) for package in packages] == [(manager, "gcc"), (manager, "make")]
    assert all(package.certain for package in packages)


@pytest.mark.parametrize(
    "run",
    [
        "apt-get update",
        "apt-get -s install gcc",
        "apt-get install --download-only gcc",
        "apt-get upgrade -y gcc",
        "apt-cache show gcc",
        "apk add --root /rootfs gcc",
        "apk -p /rootfs add gcc",
        'apk add --root "$UNKNOWN" gcc',
        "apk info gcc",
        "dnf --installroot=/mnt install gcc",
        "dnf install --installroot /mnt gcc",
        "yum install --downloadonly gcc",
        "zypper --root /mnt in gcc",
        "pacman -r /mnt -S gcc",
        "pacman -Ss gcc",
        "pacman -Sc",
        "pacman -Q gcc",
        "conda install --dry-run gcc",
        "conda update gcc",
        "conda env create -f env.yml",
        "chroot /mnt apt-get install gcc",
        "apt-get install $UNKNOWN",
        "apt-get install gcc-$UNKNOWN",
        "apt-get install $(cat packages)",
        "cat packages | xargs apt-get install -y",
        "echo apt-get install gcc",
    ],
)
def test_nothing_installed(run: str) -> None:
    assert after(run) == ()


def test_known_names_beside_unknown_ones_are_installed() -> None:
    assert left("apt-get install gcc $UNKNOWN make") == "gcc make"


def test_names_come_from_variables_and_loops() -> None:
    assert left('DEPS="gcc make"; apt-get install $DEPS $MORE', MORE="git") == "gcc make git"
    assert left("for p in gcc make; do apk add $p; done") == "gcc make"


def test_build_dependencies_bring_build_essential() -> None:
    assert left("apt-get build-dep -y python3") == "build-essential"


def test_groups_and_modules() -> None:
    assert left("dnf group install -y 'Development Tools' rpm-build") == "@Development Tools @rpm-build"
    assert left("dnf module install -y nodejs:20/development") == "nodejs"


def test_installed_twice_is_listed_for_each_run_that_asks() -> None:
    packages = after("apt-get install gcc && apt-get install gcc", "apt-get install gcc=12 make")
    assert [(package.name, package.instruction) for package in packages] == [("gcc", 0), ("gcc=12", 1), ("make", 1)]
    assert after("apt-get install gcc", "apt-get install gcc", "apt-get remove gcc") == ()


def test_certain_installation_replaces_a_doubtful_one() -> None:
    assert left("if a; then apt-get install gcc; fi; apt-get install gcc") == "gcc"
    assert left("apt-get install gcc; if a; then apt-get install gcc; fi") == "gcc"


@pytest.mark.parametrize(
    "run",
    [
        "if a; then apt-get install gcc; fi",
        "a || apt-get install gcc",
        "[ -f x ] && apt-get install gcc; true",
        "case $A in x) apt-get install gcc;; esac",
    ],
)
def test_conditional_installation_is_not_certain(run: str) -> None:
    assert left(run) == "gcc?"


def test_excused_installation_is_certain() -> None:
    assert left("apt-get update && apt-get install -y gcc || true") == "gcc"


def test_recommended_packages_turned_off() -> None:
    turned_off = [
        "apt-get install --no-install-recommends gcc",
        "apt-get install -o APT::Install-Recommends=false gcc",
        "dnf install --setopt=install_weak_deps=False gcc",
        "zypper in --no-recommends gcc",
    ]
    assert [after(run)[0].recommends for run in turned_off] == [False] * 4
    assert after("apt-get install gcc")[0].recommends


# --- removing


@pytest.mark.parametrize(
    ("install", "remove"),
    [
        ("apt-get install gcc=12 curl", "apt-get purge -y --auto-remove gcc"),
        ("apt-get install gcc curl", "apt-get remove --purge gcc"),
        ("apt-get install gcc curl", "apt-get autoremove -y gcc"),
        ("apt-get install gcc curl", "apt-get remove gcc || true"),
        ("apt-get install gcc curl", "apt-get install gcc- "),
        ("apt-get install gcc curl", "apt purge -y 'gc*'"),
        ("apt-get install gcc curl", "apt-get purge -y '^gcc.*'"),
        ("apt-get install gcc curl", "dpkg --purge --force-depends gcc"),
        ("apt-get install gcc curl", "apt-mark auto gcc && apt-get autoremove -y"),
        ("apk add gcc curl", "apk del --purge gcc"),
        ("apk add gcc curl", "apk add '!gcc'"),
        ("apk add --virtual .deps gcc && apk add curl", "apk del --no-network .deps"),
        ("apk add -t .deps gcc && apk add curl", "apk --no-cache del .deps"),
        ("yum install gcc curl", "yum -y erase gcc"),
        ("dnf install gcc curl", "dnf remove -y gcc"),
        ("dnf install gcc curl", "rpm -e --nodeps gcc"),
        ("dnf install gcc", "dnf swap -y gcc curl"),
        ("yum groupinstall 'Development Tools' && yum install curl", "dnf group remove development-tools"),
        ("zypper in gcc curl", "zypper -n rm -u gcc"),
        ("pacman -S gcc curl", "pacman -Rns --noconfirm gcc"),
        ("conda install gcc=12 curl", "conda remove -y gcc"),
    ],
)
def test_removed_in_the_same_run_and_in_a_later_one(install: str, remove: str) -> None:
    assert left(f"{install} && make && {remove}") == "curl"
    assert left(install, remove) == "curl"


@pytest.mark.parametrize(
    "remove",
    [
        "apt-get purge $UNKNOWN",
        "apt-get purge '(gcc|make)+'",
        "if a; then apt-get purge gcc curl; fi",
        "[ -f x ] && apt-get purge gcc curl; true",
        "apt-mark auto $UNKNOWN && apt-get autoremove",
    ],
)
def test_removal_that_is_not_known_makes_packages_doubtful(remove: str) -> None:
    assert left(f"apt-get install gcc curl; {remove}") == "gcc? curl?"


def test_doubt_stays_with_the_manager_and_spares_known_removals() -> None:
    assert left("apt-get install gcc curl; conda install gxx; apt-get purge gcc $UNKNOWN") == "curl? gxx"
    assert left("dnf install gcc; dnf history undo -y last") == "gcc?"
    assert left("conda create -n x gcc; conda remove -n x --all") == "gcc?"


def test_what_is_installed_after_an_unknown_removal_is_certain() -> None:
    assert left("apt-get purge $UNKNOWN; apt-get install gcc") == "gcc"


@pytest.mark.parametrize(
    "remove",
    [
        "apt-get purge -y g",
        "apt-get purge -y python3.11",
        "apt-get -s purge gcc",
        "apt-get autoremove -y",
        "apt-get clean",
        "dpkg --root=/mnt -P gcc",
        "apk del gcc",
    ],
)
def test_not_removed(remove: str) -> None:
    assert left(f"apt-get install gcc libpython3.11-dev; {remove}") == "gcc libpython3.11-dev"


def test_orphans_were_not_asked_for() -> None:
    assert left("pacman -S gcc; pacman -Rns $(pacman -Qtdq)") == "gcc"


def test_removing_another_root_leaves_this_one() -> None:
    assert left("apk add gcc; apk del --root /x gcc") == "gcc"


# --- apk's virtual packages


def test_virtual_packages_keep_what_was_named_too() -> None:
    assert left("apk add make; apk add --virtual .deps gcc make; apk del .deps") == "make"
    assert [package.virtual for package in after("apk add -t .deps gcc")] == [".deps"]


def test_apk_keeps_what_a_virtual_package_needs() -> None:
    assert left("apk add --virtual .deps gcc; apk del gcc") == "gcc?"


def test_virtual_package_is_replaced() -> None:
    assert left("apk add --virtual .deps gcc; apk add --virtual .deps make") == "make"


# --- apt's automatic packages

DOCKER_LIBRARY = (
    'savedAptMark="$(apt-mark showmanual)"; apt-get update; '
    "apt-get install -y --no-install-recommends gcc make; make; "
    "apt-mark auto '.*' > /dev/null; {manual} "
    "apt-get purge -y --auto-remove -o APT::AutoRemove::RecommendsImportant=false; rm -rf /var/lib/apt/lists/*"
)


@pytest.mark.parametrize(
    "manual",
    [
        "apt-mark manual $savedAptMark;",
        '[ -z "$savedAptMark" ] || apt-mark manual $savedAptMark > /dev/null;',
        "apt-mark manual $savedAptMark; find /usr/local -type f | xargs -r dpkg-query -S | xargs -r apt-mark manual;",
    ],
)
def test_idiom_of_the_official_images(manual: str) -> None:
    run = DOCKER_LIBRARY.replace("{manual}", manual)
    assert left(run) == ""
    assert left("apt-get install curl", run) == "curl"


def test_idiom_keeps_what_is_marked_again() -> None:
    run = DOCKER_LIBRARY.replace("{manual}", "apt-mark manual $savedAptMark make;")
    assert left("apt-get install curl", run) == "curl make"


def test_marked_without_removal_stays() -> None:
    assert left("apt-get install gcc; apt-mark auto gcc") == "gcc"
    assert left("apt-get install --mark-auto gcc curl && apt-get autoremove --purge -y") == ""
    assert left("apt-get install --mark-auto gcc; apt-mark manual gcc; apt-get autoremove -y") == "gcc"
    assert left("apt-get install gcc; apt-mark auto gcc", "apt-get autoremove -y") == ""
    assert left("apt-get install gcc; apt-mark auto gcc", "if a; then apt-get autoremove -y; fi") == "gcc?"
    assert left("apt-get install gcc; apt-mark auto gcc; apt-get install gcc; apt-get autoremove") == "gcc"


def test_meta_package_leaves_what_it_brought_unless_that_goes_too() -> None:
    install = "apt-get install build-essential curl"
    assert left(install, "apt-get purge -y --auto-remove build-essential") == "curl"
    assert left(install, "apt-get purge build-essential") == "gcc g++ make dpkg-dev libc6-dev curl"
    assert left(install, "apt-get purge build-essential", "apt-get autoremove -y") == "curl"


def test_what_was_named_itself_outlives_the_meta_package() -> None:
    run = "apt-get install build-essential make; apt-get purge -y --auto-remove build-essential"
    assert left(run) == "make"


# --- limits


def test_many_steps_end_soon_and_leave_doubt() -> None:
    started = time.thread_time()
    packages = after(
        "apt-get install " + " ".join(f"p{number}" for number in range(5_000)), "apt-get purge 'x*';" * 2_000
    )
    assert time.thread_time() - started < 5
    assert packages
    assert not any(package.certain for package in packages)


def test_stage_without_package_commands_keeps_its_packages() -> None:
    before = state("apt-get install gcc")
    source = Source.of("Dockerfile", "FROM debian\nRUN make\n")
    script = read_script(read_dockerfile(source).stages[0].instructions[1], source)
    assert packages_after(before, script, 1) is before


def test_idiom_of_the_official_images_on_alpine() -> None:
    run = (
        "set -eux; apk add --no-cache --virtual .build-deps gcc musl-dev make; make -j4; "
        "find /usr/local -type f -executable -exec scanelf --needed '{}' + | awk '{ print $1 }' "
        "| xargs -rt apk add --no-network --virtual .python-rundeps; apk del --no-network .build-deps"
    )
    packages = state("apk add ca-certificates", run)
    assert [package.name for package in packages.installed] == ["ca-certificates"]
    assert packages.removed == ()
    assert not packages.complete
    assert packages.cleaned == {1}


# --- removed too late


def late(*runs: str) -> list[tuple[str, int, int]]:
    """The packages removed in a later RUN than their own, with the numbers of both."""
    return [(x.package.name, x.package.instruction, x.instruction) for x in state(*runs).removed]


def test_removal_in_a_later_run_is_remembered() -> None:
    assert late("apt-get install gcc curl", "make", "apt-get purge -y gcc") == [("gcc", 0, 2)]
    assert late("apk add -t .deps gcc make", "apk del .deps") == [("gcc", 0, 1), ("make", 0, 1)]
    assert late("apt-get install gcc", "apt-mark auto gcc && apt-get autoremove") == [("gcc", 0, 1)]


def test_removal_is_placed_at_the_word_that_says_so() -> None:
    source = Source.of(
        "Dockerfile",
        "FROM alpine\nRUN apk add -t .deps gcc\nRUN apk add make g++\nRUN apk del .deps make 'g*'\n",
    )
    packages = Packages()
    for number, run in enumerate(read_dockerfile(source).stages[0].instructions[1:]):
        packages = packages_after(packages, read_script(run, source), number)
    assert [source[removed.span] for removed in packages.removed] == [".deps", "make", "del"]


@pytest.mark.parametrize(
    "runs",
    [
        ["apt-get install gcc && make && apt-get purge gcc"],
        ["apt-get install gcc", "if a; then apt-get purge gcc; fi"],
        ["if a; then apt-get install gcc; fi", "apt-get purge gcc"],
        ["apt-get install gcc", "apt-get purge $UNKNOWN"],
        ["apt-get install gcc", "apt-get install gcc && apt-get clean"],
    ],
)
def test_no_late_removal(runs: list[str]) -> None:
    assert late(*runs) == []


# --- recommended packages


def test_recommended_toolchains_come_along_unless_turned_off() -> None:
    assert left("apt-get install -y python3-pip curl") == "python3-pip build-essential curl"
    assert left("apt-get install -y --no-install-recommends python3-pip") == "python3-pip"
    assert left("apt-get install -y build-essential python3-pip") == "build-essential python3-pip"
    assert left("apk add npm; dnf install python3-pip") == "npm python3-pip"
    assert [package.by for package in after("apt-get install -y python3-pip")] == ["", "python3-pip"]


def test_recommended_packages_go_with_what_recommends_them() -> None:
    assert left("apt-get install python3-pip; apt-get purge -y --auto-remove python3-pip") == ""
    assert left("apt-get install python3-pip; apt-get autoremove -y") == "python3-pip build-essential"
    ignoring = "apt-get autoremove -y -o APT::AutoRemove::RecommendsImportant=false"
    assert left(f"apt-get install python3-pip; {ignoring}") == "python3-pip"
    assert left("apt-get install python3-pip; apt-get purge -y --auto-remove build-essential") == "python3-pip"


# --- what is not known


@pytest.mark.parametrize(
    "run",
    [
        "xargs apt-get install -y < packages.txt",
        "apt-get install -y $(cat packages.txt)",
        "apk add $(cat packages.txt) gcc",
        "apt-get build-dep -y curl",
    ],
)
def test_names_from_elsewhere_are_not_known(run: str) -> None:
    assert not state(run).complete


def test_known_names_are_all() -> None:
    assert state("apt-get update && apt-get install -y gcc && apt-get purge $UNKNOWN").complete
