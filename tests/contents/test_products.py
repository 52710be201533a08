"""What build commands make: its kind, its path, its linking, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint_multistage.contents.products import FAMILIES, SHAPES, WRAPPERS, Product, node, products, wrapped
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.syntax.instructions import Run
from lint_multistage.syntax.shell import read_script
from lint_multistage.syntax.shell_commands import Command, Script, ShellWord
from lint_multistage.text import Source, Span

NONE: Mapping[str, str] = {}


def built(
    script: str, variables: Mapping[str, str] = NONE, directory: str | None = "/src"
) -> tuple[tuple[Product, ...], Source]:
    source = Source.of("Dockerfile", f"FROM x\nRUN {script}\n")
    run = read_dockerfile(source).stages[0].instructions[1]
    assert isinstance(run, Run)
    read = read_script(run, source, variables=variables, directory=directory)
    return products(read, variables), source


def product(script: str, variables: Mapping[str, str] = NONE, directory: str | None = "/src") -> Product:
    found, _ = built(script, variables, directory)
    assert len(found) == 1, found
    return found[0]


def summary(script: str, variables: Mapping[str, str] = NONE) -> list[tuple[str, str | None]]:
    return [(found.command, found.path) for found in built(script, variables)[0]]


GO = {"GOPATH": "/go"}
RUST = {"CARGO_HOME": "/usr/local/cargo"}


@pytest.mark.parametrize(
    ("script", "ecosystem", "command", "path"),
    [
        # C
        ("gcc main.c", "c", "gcc", "/src/a.out"),
        ("gcc -o app main.c", "c", "gcc", "/src/app"),
        ("gcc -oapp main.c", "c", "gcc", "/src/app"),
        ("gcc -Wall -s main.c -o ../bin/app -lm", "c", "gcc", "/bin/app"),
        ("g++ -std=c++20 -o /usr/local/bin/app *.cpp", "c", "g++", "/usr/local/bin/app"),
        ("x86_64-linux-gnu-gcc-12 main.c -o app", "c", "x86_64-linux-gnu-gcc-12", "/src/app"),
        ("/usr/bin/clang-17 -o app a.c b.c", "c", "clang-17", "/src/app"),
        ("xx-clang++ -o app a.cpp", "c", "xx-clang++", "/src/app"),
        ("gcc -shared -fPIC -o libx.so x.c", "c", "gcc", "/src/libx.so"),
        ("echo 'int main(){}' | gcc -xc - -o app", "c", "gcc", "/src/app"),
        ("tcc -o app app.c", "c", "tcc", "/src/app"),
        ("gfortran -o app app.f90", "fortran", "gfortran", "/src/app"),
        ("nvcc -arch sm_80 -o app app.cu", "c", "nvcc", "/src/app"),
        ("emcc -s WASM=1 app.c -o app.js", "c", "emcc", "/src/app.js"),
        ("mpicc -o app app.c", "c", "mpicc", "/src/app"),
        ("ld -o app main.o", "c", "ld", "/src/app"),
        ("ccache gcc -o app main.c", "c", "gcc", "/src/app"),
        # make and its like
        ("make", "make", "make", None),
        ("make -j 4", "make", "make", None),
        ("make -j$(nproc)", "make", "make", None),
        ("make -j4 all", "make", "make all", None),
        ("make install DESTDIR=/out", "make", "make install", "/out"),
        ("make DESTDIR=out PREFIX=/usr install", "make", "make install", "/src/out"),
        ("DESTDIR=/out make install", "make", "make install", "/out"),
        ("make install PREFIX=/opt/app", "make", "make install", "/opt/app"),
        ("make install PREFIX=/usr/local", "make", "make install", None),
        ("make -C sub DESTDIR=out install", "make", "make install", "/src/sub/out"),
        ("mold -run make -j2", "make", "make", None),
        ("cmake --build build -j 4", "c", "cmake --build", None),
        ("cmake --build build --target install", "c", "cmake --build", None),
        ("cmake --install build --prefix /out", "c", "cmake --install", "/out"),
        ("cmake --install build --prefix=/usr/local", "c", "cmake --install", None),
        ("DESTDIR=/out cmake --install build", "c", "cmake --install", "/out"),
        ("ninja -C build", "c", "ninja", None),
        ("ninja -vC build install", "c", "ninja install", None),
        ("DESTDIR=/out ninja install", "c", "ninja install", "/out"),
        ("meson compile -C build", "c", "meson compile", None),
        ("meson install -C build --destdir /out", "c", "meson install", "/out"),
        ("scons -j4", "c", "scons", None),
        ("./b2 -j4", "c", "b2", None),
        ("b2 install --prefix=/opt/boost", "c", "b2 install", "/opt/boost"),
        ("colcon build", "c", "colcon build", "/src/install"),
        ("bazel build //cmd:app", "bazel", "bazel build", None),
        ("bazelisk --output_base=/b build //cmd:app", "bazel", "bazelisk build", None),
        ("dpkg-buildpackage -us -uc", "deb", "dpkg-buildpackage", None),
        ("dpkg-deb --build pkg app.deb", "deb", "dpkg-deb --build", "/src/app.deb"),
        ("rpmbuild -bb app.spec", "rpm", "rpmbuild", None),
        ("just build", "just", "just build", None),
        # Rust
        ("cargo build --release", "rust", "cargo build", None),
        ("cargo build --release --bin app", "rust", "cargo build", "/src/target/release/app"),
        ("cargo build --bin=app", "rust", "cargo build", "/src/target/debug/app"),
        ("cargo +nightly b -r --bin app", "rust", "cargo build", "/src/target/release/app"),
        ("cargo build --release -p app", "rust", "cargo build", None),
        ("cargo build --profile dist --bin app", "rust", "cargo build", "/src/target/dist/app"),
        ("cargo build --profile dev --bin app", "rust", "cargo build", "/src/target/debug/app"),
        ("cargo build -r --target-dir /t --bin app", "rust", "cargo build", "/t/release/app"),
        ("CARGO_TARGET_DIR=/t cargo build -r --bin app", "rust", "cargo build", "/t/release/app"),
        ("cargo build -r --example demo", "rust", "cargo build", "/src/target/release/examples/demo"),
        (
            "cargo build -r --target x86_64-unknown-linux-musl --bin app",
            "rust",
            "cargo build",
            "/src/target/x86_64-unknown-linux-musl/release/app",
        ),
        (
            "cargo zigbuild -r --target aarch64-unknown-linux-gnu.2.17 --bin app",
            "rust",
            "cargo zigbuild",
            "/src/target/aarch64-unknown-linux-gnu/release/app",
        ),
        ("cargo build -r --target $TARGET --bin app", "rust", "cargo build", None),
        ("cargo build $FLAGS --bin app", "rust", "cargo build", None),
        ("cargo build --features $FEATURES --bin app", "rust", "cargo build", "/src/target/debug/app"),
        ("cargo build -r --manifest-path sub/Cargo.toml --bin app", "rust", "cargo build", None),
        ("cargo auditable build -r --bin app", "rust", "cargo build", "/src/target/release/app"),
        ("xx-cargo build -r --bin app", "rust", "xx-cargo build", None),
        ("cargo install --path . --root /out", "rust", "cargo install", "/out/bin"),
        ("cargo install --path . --root=/out --bin app", "rust", "cargo install", "/out/bin/app"),
        ("rustup run stable cargo build -r --bin app", "rust", "cargo build", "/src/target/release/app"),
        ("rustc -O main.rs", "rust", "rustc", "/src/main"),
        ("rustc -o /app main.rs", "rust", "rustc", "/app"),
        ("trunk build --release --dist /site", "rust", "trunk build", "/site"),
        # Java
        ("mvn package", "java", "mvn package", None),
        ("mvn -f pom.xml -DskipTests clean install", "java", "mvn install", None),
        ("./mvnw -B -q verify", "java", "mvn verify", None),
        ("gradle build -x test", "java", "gradle build", None),
        ("./gradlew clean :app:bootJar --no-daemon", "java", "gradle :app:bootJar", None),
        ("sh ./gradlew installDist", "java", "gradle installDist", None),
        ("sbt 'set test in assembly := {}' clean assembly", "java", "sbt assembly", None),
        ("sbt ';clean;app/stage'", "java", "sbt app/stage", None),
        ("./mill -i app.assembly", "java", "mill app.assembly", None),
        ("ant dist", "java", "ant dist", None),
        ("lein do clean, uberjar", "java", "lein uberjar", None),
        ("clojure -T:build uber", "java", "clojure uber", None),
        ("javac -d out src/Main.java", "java", "javac", "/src/out"),
        ("kotlinc main.kt -include-runtime -d main.jar", "java", "kotlinc", "/src/main.jar"),
        ("jar cfe app.jar Main Main.class", "java", "jar", "/src/app.jar"),
        ("jar -cvmf manifest app.jar .", "java", "jar", "/src/app.jar"),
        ("jar --create --file=app.jar Main.class", "java", "jar", "/src/app.jar"),
        ("jlink --add-modules java.base --output /jre", "java", "jlink", "/jre"),
        ("native-image -jar target/app.jar", "java", "native-image", "/src/app"),
        ("native-image -cp . -o out/app Main", "java", "native-image", "/src/out/app"),
        # .NET
        ("dotnet publish -c Release -o /app", "dotnet", "dotnet publish", "/app"),
        ("dotnet publish App.csproj --output=out/", "dotnet", "dotnet publish", "/src/out"),
        ("dotnet publish -c Release", "dotnet", "dotnet publish", None),
        ("dotnet publish /p:PublishDir=/app", "dotnet", "dotnet publish", "/app"),
        ("dotnet publish /p:PublishDir=./app", "dotnet", "dotnet publish", None),
        ("dotnet build -o /app/build", "dotnet", "dotnet build", "/app/build"),
        ("msbuild /t:Build app.sln", "dotnet", "msbuild", None),
        ("mcs -out:app.exe app.cs", "dotnet", "mcs", "/src/app.exe"),
        # Node
        ("npm run build", "node", "npm run build", None),
        ("npm run build -- --output-path=dist/out", "node", "npm run build", "/src/dist/out"),
        ("npm --prefix web run build -- --outDir out", "node", "npm run build", "/src/web/out"),
        ("yarn build", "node", "yarn build", None),
        ("yarn --cwd ui build", "node", "yarn build", None),
        ("yarn workspace app build", "node", "yarn workspace run build", None),
        ("pnpm --filter app build", "node", "pnpm build", None),
        ("pnpm -r run build", "node", "pnpm run build", None),
        ("corepack pnpm build", "node", "pnpm build", None),
        ("pnpm --filter=app --prod deploy /prod", "node", "pnpm deploy", "/prod"),
        ("bun build --compile --outfile /app src/main.ts", "node", "bun build", "/app"),
        ("npx turbo run build --filter=web", "node", "turbo build", None),
        ("npx nx build web", "node", "nx build", None),
        ("npx vite build", "node", "vite build", None),
        ("npx vite@5 build web --outDir out", "node", "vite build", "/src/web/out"),
        ("node_modules/.bin/vite build --outDir /site", "node", "vite build", "/site"),
        ("ng build --configuration production --output-path=dist/web", "node", "ng build", "/src/dist/web"),
        ("yarn tsc --outDir lib", "node", "tsc", "/src/lib"),
        ("pnpm dlx vite@5 build", "node", "vite build", None),
        ("npx pkg . -o /app", "node", "pkg", "/app"),
        ("pnpm exec tsc -p tsconfig.json", "node", "tsc", None),
        ("npx webpack --mode production -o /site", "node", "webpack", "/site"),
        ("npx cross-env NODE_ENV=production next build", "node", "next build", None),
        ("BUILD_PATH=/site npx react-scripts build", "node", "react-scripts build", "/site"),
        ("npx gatsby build", "node", "gatsby build", "/src/public"),
        ("npx esbuild main.ts --bundle --outfile=out/main.js", "node", "esbuild", "/src/out/main.js"),
        ("deno compile -A --output /app main.ts", "node", "deno compile", "/app"),
        ("deno task build", "node", "deno task build", None),
        # Python
        ("python -m build", "python", "python -m build", "/src/dist"),
        ("python3 -m build --wheel -o /dist", "python", "python -m build", "/dist"),
        ("uv build --out-dir /dist", "python", "uv build", "/dist"),
        ("poetry build", "python", "poetry build", "/src/dist"),
        ("python setup.py bdist_wheel", "python", "python setup.py bdist_wheel", "/src/dist"),
        ("pyinstaller --onefile app.py", "python", "pyinstaller", "/src/dist/app"),
        ("poetry run pyinstaller -n tool --distpath /out main.py", "python", "pyinstaller", "/out/tool"),
        ("pex -r requirements.txt -o /app.pex", "python", "pex", "/app.pex"),
        ("conda-pack -n env -o /env.tar.gz", "python", "conda-pack", "/env.tar.gz"),
        # Others
        ("gem build app.gemspec", "ruby", "gem build", None),
        ("bundle exec rails assets:precompile", "ruby", "rails assets:precompile", None),
        ("stack install --local-bin-path /out", "haskell", "stack install", "/out"),
        ("cabal install exe:app --installdir=/out", "haskell", "cabal install", "/out"),
        ("ghc -O2 src/Main.hs", "haskell", "ghc", "/src/src/Main"),
        ("swift build -c release --product App", "swift", "swift build", "/src/.build/release/App"),
        ("swift build -c release", "swift", "swift build", None),
        ("swiftc -O main.swift -o app", "swift", "swiftc", "/src/app"),
        ("zig build -Doptimize=ReleaseSafe --prefix /out", "zig", "zig build", "/out"),
        ("zig build", "zig", "zig build", "/src/zig-out"),
        ("zig build-exe main.zig", "zig", "zig build-exe", "/src/main"),
        ("zig cc -o app main.c", "c", "zig cc", "/src/app"),
        ("nim c -d:release -o:/app src/app.nim", "nim", "nim c", "/app"),
        ("nim c -d:release src/app.nim", "nim", "nim c", "/src/src/app"),
        ("crystal build --release src/app.cr", "crystal", "crystal build", "/src/app"),
        ("crystal build src/app.cr -o bin/app", "crystal", "crystal build", "/src/bin/app"),
        ("shards build --production app", "crystal", "shards build", "/src/bin/app"),
        ("dart compile exe bin/server.dart -o bin/server", "dart", "dart compile exe", "/src/bin/server"),
        ("dart compile exe bin/server.dart", "dart", "dart compile exe", "/src/bin/server.exe"),
        ("flutter build web --release", "dart", "flutter build web", "/src/build/web"),
        ("opam exec -- dune build bin/main.exe", "ocaml", "dune build", "/src/_build/default/bin/main.exe"),
        ("ocamlfind ocamlopt -package str -o app main.ml", "ocaml", "ocamlopt", "/src/app"),
        ("ldc2 -of=app app.d", "d", "ldc2", "/src/app"),
        ("dub build -b release", "d", "dub build", None),
        ("valac -o app main.vala", "vala", "valac", "/src/app"),
        ("cobc -x -o app main.cob", "cobol", "cobc", "/src/app"),
        ("mix release", "elixir", "mix release", None),
        ("MIX_ENV=prod mix release app", "elixir", "mix release", "/src/_build/prod/rel/app"),
        ("mix do compile, release --path /out", "elixir", "mix release", "/out"),
        ("rebar3 as prod release -n app", "erlang", "rebar3 release", "/src/_build/prod/rel/app"),
        (
            "gleam export erlang-shipment",
            "gleam",
            "gleam export erlang-shipment",
            "/src/build/erlang-shipment",
        ),
        ("hugo --minify", "site", "hugo", None),
        ("hugo -s site -d ../out", "site", "hugo", "/src/out"),
        ("jekyll build -d /site", "site", "jekyll build", "/site"),
        ("python -m mkdocs build -d /site", "site", "mkdocs build", "/site"),
        ("sphinx-build -b html docs /site", "site", "sphinx-build", "/site"),
    ],
)
def test_what_is_built_and_where(script: str, ecosystem: str, command: str, path: str | None) -> None:
    found = product(script)
    assert (found.ecosystem, found.command, found.path) == (ecosystem, command, path)


@pytest.mark.parametrize(
    ("script", "path"),
    [
        ("go build -o app .", "/src/app"),
        ("go build -o /bin/app ./cmd/server", "/bin/app"),
        ("go build -o=/app", "/app"),
        ("go build -o bin/ ./cmd/server", "/src/bin/server"),
        ("go build -o bin/ ./...", "/src/bin"),
        ("go build -o /out ./cmd/a ./cmd/b", "/out"),
        ("go build -o . ./cmd/server", "/src/server"),
        ("go build -o /src ./cmd/server", "/src/server"),
        ("go build -o /src .", None),
        ("go build ./cmd/server", "/src/server"),
        ("go build ./cmd/server/v2", "/src/server"),
        ("go build main.go", "/src/main"),
        ("go build cmd/tool/main.go util.go", "/src/main"),
        ("go build", None),
        ("go build .", None),
        ("go build -ldflags '-s -w' -tags 'a b' ./cmd/server", "/src/server"),
        ("go build -C sub -o app .", "/src/sub/app"),
        ("cd sub && go build -o ../app", "/src/app"),
        ("GOOS=windows go build ./cmd/server", "/src/server.exe"),
        ("go build -o $OUT .", None),
        ("xx-go build -o /app .", "/app"),
        ("garble -literals build -o /app .", "/app"),
        ("tinygo build -target wasi -o app.wasm .", "/src/app.wasm"),
        ("/usr/local/go/bin/go build -o /app .", "/app"),
        ("go install ./cmd/server", "/go/bin/server"),
        ("go install ./...", "/go/bin"),
        ("go install example.org/tool/v2@v2.1.0", "/go/bin/tool"),
        ("go install example.org/tool/cmd/x@latest", "/go/bin/x"),
        ("go install example.org/tool/cmd/x@$VERSION", None),
        ("GOBIN=/out go install ./cmd/server", "/out/server"),
        ("GOOS=linux GOARCH=arm64 go install ./cmd/server", None),
        ("go install .", None),
    ],
)
def test_where_go_puts_programs(script: str, path: str | None) -> None:
    assert product(script, GO).path == path


def test_without_gopath_the_folder_of_go_install_is_unknown() -> None:
    assert product("go install ./cmd/server").path is None


def test_several_packages_without_output_write_nothing() -> None:
    assert not built("go build ./cmd/a ./cmd/b")[0]
    assert summary("go install ./cmd/a ./cmd/b", GO) == [("go install", "/go/bin/a"), ("go install", "/go/bin/b")]


def test_cargo_names_each_program() -> None:
    assert summary("cargo build -r --bin a --bin b") == [
        ("cargo build", "/src/target/release/a"),
        ("cargo build", "/src/target/release/b"),
    ]
    assert product("cargo install --path .", RUST).path == "/usr/local/cargo/bin"
    assert product("cargo install --path .").path is None


@pytest.mark.parametrize(
    "script",
    [
        "gcc -c main.c -o main.o",
        "gcc -E main.c",
        "gcc -S main.c",
        "gcc --version",
        "gcc -dumpmachine",
        "gcc -print-prog-name=ld",
        "gcc",
        "gcc -fsyntax-only main.c",
        "gcc -o /dev/null main.c",
        "gcc-ar rcs libx.a x.o",
        "clang-format -i main.c",
        "ld --version",
        "ld -r -o all.o a.o b.o",
        "./configure --prefix=/usr",
        "cmake -S . -B build",
        "cmake ..",
        "cmake --build build --target test",
        "meson setup build",
        "ninja -t clean",
        "ninja test",
        "make clean",
        "make test lint",
        "make -n install",
        "make menuconfig",
        "make install-deps",
        "make build-docs",
        "make --version",
        "bazel test //...",
        "just",
        "go test ./...",
        "go vet ./...",
        "go mod download",
        "go get example.org/x",
        "go env GOPATH",
        "go generate ./...",
        "go run .",
        "go tool cover",
        "go build -o /dev/null ./...",
        "go build std",
        "goreleaser release",
        "cargo fetch",
        "cargo test --release",
        "cargo check",
        "cargo clippy",
        "cargo chef cook --release",
        "cargo build --tests",
        "cargo run",
        "cargo --version",
        "cargo install --list",
        "rustc --version",
        "rustup target add x86_64-unknown-linux-musl",
        "mvn dependency:go-offline",
        "mvn -v",
        "mvn test",
        "mvn clean",
        "gradle dependencies",
        "gradle test",
        "./gradlew --version",
        "gradle build --dry-run",
        "sbt update compile",
        "lein deps",
        "javac -version",
        "jar xf app.jar",
        "jar tf app.jar",
        "java -jar app.jar",
        "native-image --version",
        "dotnet restore",
        "dotnet test",
        "dotnet tool install -g x",
        "dotnet --info",
        "dotnet publish /t:PublishContainer",
        "npm test",
        "npm run lint",
        "npm start",
        "npm run test:build:deps",
        "npm install -g typescript",
        "npm ci --dry-run",
        "npm run $SCRIPT",
        "npm run",
        "npm --version",
        "yarn -v",
        "yarn test",
        "yarn global add x",
        "yarn config set registry x",
        "pnpm fetch",
        "npx eslint .",
        "npx vite",
        "npx tsc --noEmit",
        "tsc --version",
        "webpack serve",
        "next start",
        "nx test web",
        "pip install --upgrade pip setuptools wheel",
        "pip install poetry==1.8",
        "pip download -d /w x",
        "pip --version",
        "python app.py",
        "python -c 'print(1)'",
        "python -m pytest",
        "python setup.py test",
        "poetry lock",
        "uv pip compile requirements.in",
        "uv lock",
        "conda clean -a",
        "bundle config set path vendor",
        "gem install bundler",
        "rails db:migrate",
        "composer dump-autoload",
        "composer global require x",
        "php artisan migrate",
        "stack setup",
        "stack build --only-dependencies",
        "cabal update",
        "cabal build --dependencies-only all",
        "ghc --version",
        "ghc -c Main.hs",
        "swift test",
        "swift build --show-bin-path -c release",
        "zig version",
        "zig build test",
        "nim r app.nim",
        "nim check app.nim",
        "crystal spec",
        "shards install",
        "dart pub get",
        "flutter doctor",
        "dune build @runtest",
        "dub test",
        "mix deps.get",
        "mix compile",
        "mix phx.digest",
        "rebar3 compile",
        "hugo server",
        "hugo version",
        "mkdocs serve",
        "protoc --go_out=. a.proto",
        "echo gcc main.c",
        "apt-get install -y gcc make",
        "strip app",
        "pkg install -y nginx",
        "b2 upload-file bucket a b",
    ],
)
def test_what_builds_nothing_to_copy(script: str) -> None:
    assert not built(script)[0]


@pytest.mark.parametrize(
    ("script", "command", "path"),
    [
        ("npm ci", "npm ci", "/src/node_modules"),
        ("npm install --omit=dev", "npm install", "/src/node_modules"),
        ("npm --prefix web ci", "npm ci", "/src/web/node_modules"),
        ("yarn", "yarn", "/src/node_modules"),
        ("yarn install --modules-folder /m", "yarn install", "/m"),
        ("pnpm install --frozen-lockfile", "pnpm install", "/src/node_modules"),
        ("pip install -r requirements.txt", "pip install", None),
        ("pip install --target /deps x", "pip install", "/deps"),
        ("pip3.12 install -t deps -r r.txt", "pip install", "/src/deps"),
        ("pip install --prefix=/install x", "pip install", "/install"),
        ("pip install --prefix=/usr/local x", "pip install", None),
        ("/opt/venv/bin/pip install x", "pip install", "/opt/venv"),
        ("venv/bin/python -m pip install x", "pip install", "/src/venv"),
        ("/usr/bin/python3 -m pip install x", "pip install", None),
        (". /opt/venv/bin/activate && pip install x", "pip install", "/opt/venv"),
        ("pip wheel -r r.txt -w /wheels", "pip wheel", "/wheels"),
        ("python3 -m venv /opt/venv", "python -m venv", "/opt/venv"),
        ("virtualenv -p python3 env", "virtualenv", "/src/env"),
        ("uv venv", "uv venv", "/src/.venv"),
        ("uv sync --locked", "uv sync", "/src/.venv"),
        ("UV_PROJECT_ENVIRONMENT=/venv uv sync", "uv sync", "/venv"),
        ("uv sync --project app", "uv sync", "/src/app/.venv"),
        ("uv pip install --prefix /install x", "uv pip install", "/install"),
        ("uv pip install --system x", "uv pip install", None),
        ("poetry install", "poetry install", None),
        ("POETRY_VIRTUALENVS_IN_PROJECT=1 poetry install", "poetry install", "/src/.venv"),
        ("PIPENV_VENV_IN_PROJECT=1 pipenv sync", "pipenv sync", "/src/.venv"),
        ("pdm sync --prod", "pdm sync", "/src/.venv"),
        ("conda env create -p /env -f e.yml", "conda create", "/env"),
        ("python setup.py install", "python setup.py install", None),
        ("bundle install --path vendor/bundle", "bundle install", "/src/vendor/bundle"),
        ("BUNDLE_PATH=/gems bundle install", "bundle install", "/gems"),
        ("bundle install --deployment", "bundle install", "/src/vendor/bundle"),
        ("bundle install", "bundle install", None),
        ("composer install --no-dev", "composer install", "/src/vendor"),
        ("composer install -d app", "composer install", "/src/app/vendor"),
        ("php composer.phar install", "composer install", "/src/vendor"),
        ("docker-php-ext-install gd", "docker-php-ext-install", None),
        ("carton install", "carton install", "/src/local"),
        ("cpanm -L /deps --installdeps .", "cpanm", "/deps"),
        ("go install example.org/tool@latest", "go install", None),
        ("cargo install ripgrep --root /out", "cargo install", "/out/bin"),
        ("cabal install hlint", "cabal install", None),
    ],
)
def test_installing_libraries_or_tools_is_no_certain_build(script: str, command: str, path: str | None) -> None:
    found = product(script)
    assert (found.command, found.path, found.certain) == (command, path, False)


def test_an_environment_in_front_of_path_is_where_pip_installs() -> None:
    active = {"VIRTUAL_ENV": "/opt/venv", "PATH": "/opt/venv/bin:/usr/bin"}
    assert product("pip install x", active).path == "/opt/venv"
    assert product("python -m pip install x", active).path == "/opt/venv"
    assert product("pip install x", {"VIRTUAL_ENV": "/opt/venv", "PATH": "/usr/bin"}).path is None
    assert product("uv pip install x", {"VIRTUAL_ENV": "/opt/venv"}).path == "/opt/venv"


def test_user_installations_need_a_known_home() -> None:
    assert product("pip install --user x", {"HOME": "/home/me"}).path == "/home/me/.local"
    assert product("pip install --user x", {"PYTHONUSERBASE": "/deps"}).path == "/deps"
    assert product("pip install --user x").path is None


@pytest.mark.parametrize(
    "script",
    [
        "gcc -o app main.c",
        "gcc $CFLAGS -o app main.c",
        "make",
        "make install",
        "make build-server",
        "cmake --build .",
        "ninja",
        "go build",
        "go build ./cmd/x",
        "go install ./cmd/x",
        "cargo build -r",
        "cargo install --path .",
        "mvn package",
        "gradle assemble",
        "dotnet publish",
        "dotnet build",
        "npm run build",
        "npm run build:prod",
        "yarn build",
        "swift build",
        "stack install",
        "cabal install",
        "mix release",
        "hugo",
    ],
)
def test_what_certainly_builds(script: str) -> None:
    assert product(script).certain


@pytest.mark.parametrize(
    "script",
    [
        # It need not run.
        "test -f app || gcc -o app main.c",
        "if test -f main.go; then go build -o /app; fi",
        # It need not build what is to be run.
        "gcc $CFLAGS main.c",
        "make frobnicate",
        "make $TARGET",
        "make -k all",
        "go build ./...",
        "go build github.com/mattn/go-sqlite3",
        "cargo build --lib",
        "mvn package -Dmaven.main.skip",
        "mvn install -N",
        "npm run build --if-present",
        "npm run build:css",
        "npm run generate",
        "dotnet pack",
        "ant frobnicate",
        "python setup.py build_ext --inplace",
        "zig build frobnicate",
    ],
)
def test_what_is_not_certain(script: str) -> None:
    assert not product(script).certain


@pytest.mark.parametrize(
    ("script", "link"),
    [
        ("gcc -static -o a a.c", "static"),
        ("gcc --static -o a a.c", "static"),
        ("gcc -o a a.c", "dynamic"),
        ("musl-gcc -o a a.c", "dynamic"),
        ("gcc -static-libgcc -o a a.c", "dynamic"),
        ("gcc $LDFLAGS -o a a.c", "unknown"),
        ("gcc -nostdlib -o a a.c", "unknown"),
        ("gcc a.c $(pkg-config --cflags --libs libpq) -o a", "dynamic"),
        ("gcc a.c $(pkg-config --static --libs libpq) -o a", "unknown"),
        ("x86_64-w64-mingw32-gcc -o a.exe a.c", "unknown"),
        ("clang --target=wasm32 -o a.wasm a.c", "unknown"),
        ("emcc a.c -o a.js", "unknown"),
        ("make", "unknown"),
        ("go build", "unknown"),
        ("CGO_ENABLED=0 go build", "static"),
        ("export CGO_ENABLED=0 && go build", "static"),
        ("CGO_ENABLED=1 go build", "dynamic"),
        ("CGO_ENABLED=$X go build", "unknown"),
        ('CGO_ENABLED=1 go build -ldflags "$LDFLAGS"', "unknown"),
        ("CGO_ENABLED=1 go build -ldflags '-linkmode external -extldflags \"-static\"'", "static"),
        ("go build -ldflags='-s -w -extldflags=-static'", "static"),
        ("go build -ldflags \"-X main.v=$V -extldflags '-O2 -static'\"", "static"),
        ("go build -ldflags '-extldflags \"-static-libgcc\"'", "unknown"),
        ("CGO_ENABLED=0 go build -buildmode=pie", "unknown"),
        ('CGO_ENABLED=1 go build -ldflags "-X main.v=$(git describe)"', "dynamic"),
        ('CGO_ENABLED=1 go build -ldflags "$(./print-flags)"', "unknown"),
        ("CGO_ENABLED=1 go build -tags netgo,osusergo", "unknown"),
        ("CGO_ENABLED=1 GOFLAGS='-ldflags=-extldflags=-static' go build", "static"),
        ("CGO_ENABLED=1 CC=$CC go build", "unknown"),
        ("CGO_ENABLED=1 GOOS=windows go build", "unknown"),
        ("CGO_ENABLED=1 go build -buildmode=c-shared -o x.so", "dynamic"),
        ("cargo build -r", "default"),
        ("cargo build -r --target x86_64-unknown-linux-musl", "static"),
        ("cargo build -r --target x86_64-unknown-linux-gnu", "dynamic"),
        ("cargo build -r --target $T", "unknown"),
        ("RUSTFLAGS='-C target-feature=+crt-static' cargo build -r", "static"),
        ("RUSTFLAGS='-C link-arg=-static' cargo build -r", "static"),
        ("cargo build -r $ARGS", "unknown"),
        ("cargo build -r --config profile.toml", "unknown"),
        ("cargo build -r --target x86_64-pc-windows-gnu", "unknown"),
        ("RUSTFLAGS='-C target-feature=-crt-static' cargo build --target x86_64-unknown-linux-musl", "dynamic"),
        ("mvn package", "unknown"),
        ("native-image -jar a.jar", "dynamic"),
        ("native-image --static --libc=musl -jar a.jar", "static"),
        ("dotnet publish -o /a", "unknown"),
        ("dotnet publish -r linux-x64 --self-contained -o /a", "dynamic"),
        ("dotnet publish --self-contained false -o /a", "unknown"),
        ("dotnet publish -p:PublishAot=true -o /a", "dynamic"),
        ("npm run build", "unknown"),
        ("bun build --compile --outfile a a.ts", "dynamic"),
        ("pyinstaller a.py", "dynamic"),
        ("ghc -optl-static Main.hs", "static"),
        ("cabal build --enable-executable-static", "static"),
        ("swift build -c release --static-swift-stdlib", "dynamic"),
        ("swift build -c release --swift-sdk x86_64-swift-linux-musl", "static"),
        ("zig build -Dtarget=x86_64-linux-musl", "static"),
        ("zig cc -target x86_64-linux-musl a.c -o a", "static"),
        ("zig build", "unknown"),
        ("nim c --passL:-static a.nim", "static"),
        ("nim c a.nim", "dynamic"),
        ("crystal build --static a.cr", "static"),
        ("crystal build a.cr", "dynamic"),
        ("dart compile exe a.dart -o a", "dynamic"),
        ("mix release", "dynamic"),
        ("ocamlfind ocamlopt -ccopt -static -o a a.ml", "static"),
    ],
)
def test_how_it_is_linked(script: str, link: str) -> None:
    assert product(script).link == link


@pytest.mark.parametrize(
    ("script", "libc"),
    [
        ("gcc -o a a.c", ""),
        ("musl-gcc -o a a.c", "musl"),
        ("aarch64-linux-gnu-gcc -o a a.c", "glibc"),
        ("gcc-13 -o a a.c", ""),
        ("CGO_ENABLED=1 go build", ""),
        ("CGO_ENABLED=1 CC=gcc-12 go build", ""),
        ("CGO_ENABLED=1 CC=/usr/bin/x86_64-linux-musl-gcc go build", "musl"),
        ("CGO_ENABLED=1 CC='zig cc -target x86_64-linux-musl' go build", "musl"),
        ("cargo build -r", ""),
        ("cargo build -r --target aarch64-unknown-linux-gnu", "glibc"),
        ("dotnet publish -r linux-musl-x64 --self-contained -o /a", "musl"),
        ("dotnet publish -r linux-x64 --self-contained -o /a", "glibc"),
        ("bun build --compile --target=bun-linux-x64-musl --outfile a a.ts", "musl"),
        ("deno compile -o a a.ts", "glibc"),
    ],
)
def test_which_c_library_a_command_builds_for(script: str, libc: str) -> None:
    assert product(script).libc == libc


def test_the_libraries_that_are_linked_with() -> None:
    assert product("gcc a.c -lpq -l curl -o a").libraries == ("pq", "curl")
    assert product("gcc a.c $(pkg-config --libs libpq openssl) -o a").libraries == ("pq", "openssl")
    assert product("g++ a.cc -o a").libraries == ("stdc++",)
    assert product("g++ -static-libstdc++ a.cc -o a").libraries == ()


def test_the_environment_of_the_stage_counts_and_the_command_overrides_it() -> None:
    assert product("go build", {"CGO_ENABLED": "0"}).link == "static"
    assert product("CGO_ENABLED=1 go build", {"CGO_ENABLED": "0"}).link == "dynamic"


def test_relative_paths_need_a_known_directory() -> None:
    assert product("gcc -o app main.c", directory=None).path is None
    assert product("gcc -o /app main.c", directory=None).path == "/app"
    assert product("cd $SOMEWHERE && go build -o app").path is None
    assert product("npm ci", directory=None).path is None


def test_paths_that_are_patterns_are_not_known() -> None:
    assert product("gcc -o 'app*' main.c").path is None


def test_products_come_in_order_with_the_words_that_name_them() -> None:
    found, source = built("npm ci && npm run build \\\n && sudo go build -o /app . && gcc main.c")
    assert [source[one.span] for one in found] == ["npm ci", "npm run build", "go build", "gcc"]


def test_commands_inside_a_script_argument_are_read() -> None:
    assert product("bash -c 'cd sub && gcc -o app main.c'").path == "/src/sub/app"


def test_every_tool_has_its_reader() -> None:
    for module, names in FAMILIES.items():
        readers = import_module(f"lint_multistage.contents.products.{module}").READERS
        shaped = {key for _, family, key in SHAPES if family == module}
        assert set(names.split()) == set(readers) - shaped
    for _, module, key in SHAPES:
        assert key in import_module(f"lint_multistage.contents.products.{module}").READERS


def test_every_wrapper_is_known_as_one() -> None:
    assert set(wrapped.WRAPPERS) | set(node.FOLDER_OPTIONS) | {"mold"} == WRAPPERS


TOOLS = sorted(
    {name for names in FAMILIES.values() for name in names.split()} | WRAPPERS | {"gcc", "ld", "go", "pip", "python"}
)
PIECES = st.sampled_from(
    (
        "build install run release publish -o -o= --output= -C --target --bin -- -m pip venv . ./... - -x exec do $X "
        "env add sync --prefix -p as package compile exe setup.py -c --path @x @ / // ~ ~/x * = --build -M cf"
    ).split()
)
TEXTS = st.one_of(st.none(), PIECES, st.text(max_size=8))
WORDS = st.builds(
    lambda text, raw: ShellWord(text, raw if text is None else text, Span(0, 1)),
    TEXTS,
    st.sampled_from(["$X", "$(x)", "-o$X", "--output=$X", "`x`", "xargs", '"-ldflags=$X"']),
)


@settings(max_examples=1500, deadline=None)
@given(
    name=st.one_of(st.sampled_from(TOOLS), st.text(max_size=6)),
    words=st.lists(WORDS, max_size=6),
    env=st.dictionaries(
        st.sampled_from("CGO_ENABLED GOBIN GOPATH CARGO_HOME RUSTFLAGS DESTDIR VIRTUAL_ENV PATH HOME MIX_ENV".split()),
        st.one_of(st.none(), st.text(max_size=5)),
        max_size=3,
    ),
    directory=st.one_of(st.none(), st.just("/src"), st.text(max_size=4)),
    certain=st.booleans(),
)
def test_no_words_are_too_much(
    name: str, words: list[ShellWord], env: dict[str, str | None], directory: str | None, certain: bool
) -> None:
    command = Command((ShellWord(name, name, Span(0, 1)), *words), tuple(env.items()), Span(0, 1), certain, directory)
    for found in products(Script((command,)), {}):
        assert found.path is None or (found.path.startswith("/") and "//" not in found.path)
        assert found.link in ("static", "dynamic", "default", "unknown")
        assert found.span.start <= found.span.end
        assert certain or not found.certain
