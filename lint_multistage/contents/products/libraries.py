"""Products of package managers whose languages run from source: Ruby, PHP, Perl."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.products.call import Call, Product, is_true, own_folder


def bundle(call: Call) -> Iterator[Product]:
    """`bundle install`; a configuration file may move the gems: without an option or BUNDLE_PATH no path is known."""
    at = call.subcommand(("--gemfile", "--path", "--jobs", "-j", "--retry", "--without", "--with"))
    sub = call.text(at)
    if sub not in ("install", "update", None) or (
        sub is None and (call.opaque() or call.has("--version", "-v", "--help"))
    ):
        return
    if call.has("--help", "-h"):
        return
    path: str | None = None
    if call.has("--path"):
        path = call.place(call.value("--path"))
    elif call.env.get("BUNDLE_PATH"):
        path = call.place(call.env["BUNDLE_PATH"])
    elif call.has("--deployment") or is_true(call.env.get("BUNDLE_DEPLOYMENT")):
        path = call.inside(call.place("."), "vendor/bundle")
    yield call.product("ruby", "bundle install", path=own_folder(path), sure=False, last=at)


def gem(call: Call) -> Iterator[Product]:
    """`gem build`."""
    at = call.subcommand()
    if call.text(at) == "build":
        yield call.product("ruby", "gem build", path=call.place(call.value("-o", "--output")), last=at)


def rails(call: Call) -> Iterator[Product]:
    """`rails assets:precompile`, `rake assets:precompile`."""
    for at in call.positions():
        if (call.text(at) or "").partition("[")[0] == "assets:precompile":
            yield call.product("ruby", f"{call.name} assets:precompile", last=at)
            return


def composer(call: Call) -> Iterator[Product]:
    """`composer install`: vendor/, or COMPOSER_VENDOR_DIR."""
    at = call.subcommand(("-d", "--working-dir"))
    sub = call.text(at)
    if sub not in ("install", "update", "require", "i", "u", "r") or call.has("--dry-run", "--help", "-h"):
        return
    folders = call.values("-d", "--working-dir", glued=True)
    inside = call.moved(folders[-1]) if folders else call
    folder = call.env.get("COMPOSER_VENDOR_DIR", "vendor")
    path = own_folder(inside.inside(inside.place("."), folder or None))
    yield call.product("php", f"composer {sub}", path=path, sure=False, last=at)


def php(call: Call) -> Iterator[Product]:
    """`php composer.phar install`, `php /usr/bin/composer install`."""
    scripts = call.positions(("-d", "-c"))
    if scripts and (call.text(scripts[0]) or "").rpartition("/")[2] in ("composer.phar", "composer"):
        rest = call.rest(scripts[0])
        if rest is not None:
            yield from composer(rest)


def php_extension(call: Call) -> Iterator[Product]:
    """`docker-php-ext-install`, `pecl install`: extensions in PHP's own folders."""
    at = call.subcommand(("-D", "-j"))
    wanted = call.text(at) == "install" if call.name == "pecl" else at >= 0 or call.opaque()
    if wanted:
        label = "pecl install" if call.name == "pecl" else call.name
        yield call.product("php", label, sure=False, last=at if call.name == "pecl" else -1)


def carton(call: Call) -> Iterator[Product]:
    """`carton install`: local/."""
    at = call.subcommand(("-p", "--path", "--cpanfile"))
    if call.text(at) == "install":
        folder = call.value("-p", "--path") if call.has("-p", "--path") else "local"
        yield call.product("perl", "carton install", path=own_folder(call.place(folder)), sure=False, last=at)


def cpanm(call: Call) -> Iterator[Product]:
    """`cpanm -L DIR`."""
    folders = call.values("-l", "-L", "--local-lib", "--local-lib-contained", glued=True)
    if folders and not call.has("--version", "--help"):
        yield call.product("perl", "cpanm", path=own_folder(call.place(folders[-1])), sure=False)


READERS = {
    "bundle": bundle,
    "bundler": bundle,
    "gem": gem,
    "rails": rails,
    "rake": rails,
    "composer": composer,
    "composer.phar": composer,
    "php": php,
    "docker-php-ext-install": php_extension,
    "install-php-extensions": php_extension,
    "pecl": php_extension,
    "carton": carton,
    "cpanm": cpanm,
}
