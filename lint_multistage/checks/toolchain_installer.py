from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Stage, Survey, Valid
from lint_multistage.contents.carried import INSTALLER, Carried
from lint_multistage.wording import listed, ships, toolchains


class ToolchainInstaller(Check):
    """A toolchain is installed from an archive or with its own installer in a stage that ships, and left there.

    ## Why is this bad?
    What rustup, the archive of Go or `dotnet-install.sh` unpack is a whole SDK: hundreds of megabytes that nothing at
    run time calls, and that no package manager lists when the image is scanned. Install it in a stage that is not
    shipped and copy what is built with it, or remove it in the RUN that installs it.
    """

    code = "MS308"
    severity = Severity.WARNING
    valid = (
        Valid(
            "FROM debian AS build\nRUN curl https://sh.rustup.rs | sh -s -- -y\nFROM debian\nCOPY --from=build /a /a\n"
        ),
        Valid(
            "FROM debian\nRUN curl -sSf https://sh.rustup.rs | sh -s -- -y && pip install x \\\n"
            "  && rm -rf ~/.cargo ~/.rustup\n"
        ),
        Valid(
            "FROM debian\nRUN curl https://sh.rustup.rs | sh -s -- -y && pip install x && rustup self uninstall -y\n"
        ),
        Valid(
            "FROM debian\nRUN curl -L https://go.dev/dl/go1.22.0.linux-amd64.tar.gz | tar -C /usr/local -xz \\\n"
            "  && go build -o /app . && rm -rf /usr/local/go\n"
        ),
        Valid(
            "FROM debian\nWORKDIR /t\nRUN wget https://ziglang.org/download/0.13.0/zig-linux-x86_64-0.13.0.tar.xz \\\n"
            "  && tar xf zig*.tar.xz && mv zig-linux-x86_64-0.13.0 /zig && make && rm -rf /zig zig*.tar.xz\n"
        ),
        Valid("FROM debian\nRUN curl -sSL https://dot.net/v1/dotnet-install.sh | bash /dev/stdin --runtime dotnet\n"),
        # Nothing says that these are unpacked, or run.
        Valid("FROM debian\nRUN curl -s https://go.dev/dl/?mode=json | jq . && tar xf app.tar\n"),
        Valid("FROM debian\nRUN curl -fsSLO https://sh.rustup.rs\n"),
        Valid("FROM debian\nRUN curl https://sh.rustup.rs | sh -s -- -y --default-toolchain none\n"),
        Valid("FROM debian\nRUN curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --runtime aspnetcore\n"),
        Valid(
            "FROM debian\nRUN wget -qO- https://example.com/OpenJDK21U-jre_x64_linux_hotspot_21.0.4_7.tar.gz"
            " | tar -xz -C /opt\n"
        ),
        Valid("FROM debian\nRUN curl -fsSL https://nodejs.org/dist/v22.1.0/node-v22.1.0-linux-x64.tar.xz | tar xJ\n"),
        Valid('FROM debian\nRUN if [ -n "$DEV" ]; then curl https://sh.rustup.rs | sh -s -- -y; fi\n'),
        Valid(
            "FROM debian\nRUN --mount=type=cache,target=/root/.rustup --mount=type=cache,target=/root/.cargo \\\n"
            "  curl https://sh.rustup.rs | sh -s -- -y && ~/.cargo/bin/cargo build\n"
        ),
        # It lies in a folder that is not known, and so does what is removed.
        Valid(
            'FROM debian\nRUN cd "$(mktemp -d)" && curl -L https://go.dev/dl/go1.22.0.linux-amd64.tar.gz | tar xz \\\n'
            '  && go/bin/go build -o /app . && rm -rf "$PWD"\n'
        ),
        Valid("FROM debian\nRUN wget https://example.com/go1.22.0.linux-amd64.tar.gz.sha256\n"),
        Valid(
            "FROM debian\nRUN curl -L https://example.com/cmake-3.30.0-linux-x86_64.tar.gz | tar -xz -C /usr/local \\\n"
            "  --strip-components=1 && make && rm -rf /usr/local/bin/cmake /usr/local/share/cmake*\n"
        ),
        # MS305 speaks of a removal that comes too late.
        Valid("FROM debian\nRUN curl https://sh.rustup.rs | sh -s -- -y\nRUN rm -rf ~/.cargo ~/.rustup\n"),
    )
    invalid = (
        Invalid(
            "FROM debian\nRUN curl --proto '=https' -sSf «https://sh.rustup.rs» | sh -s -- -y\nCOPY . .\n"
            "RUN cargo build --release\n",
            message="rust and cargo, which 'rustup' brings",
            hint="COPY --from=builder",
        ),
        Invalid(
            "FROM ubuntu\nARG GO_VERSION\n"
            "RUN wget «https://go.dev/dl/go${GO_VERSION}.linux-amd64.tar.gz» && tar -C /usr/local -xzf go*.tar.gz\n"
            "CMD app\n",
            message="go, which 'go${GO_VERSION}.linux-amd64.tar.gz' brings",
            hint="FROM golang",
        ),
        Invalid(
            "FROM ubuntu\nADD «https://go.dev/dl/go1.22.0.linux-amd64.tar.gz» /tmp/\n"
            "RUN tar -C /usr/local -xzf /tmp/go1.22.0.linux-amd64.tar.gz\nCMD app\n",
            message="'go1.22.0.linux-amd64.tar.gz'",
        ),
        Invalid("FROM ubuntu\nADD «jdk-8u202-linux-x64.tar.gz» /usr/local/\n", message="jdk", hint="JRE"),
        Invalid(
            "FROM ubuntu\nRUN curl -s https://get.sdkman.io | bash\n"
            'RUN bash -c "source ~/.sdkman/bin/sdkman-init.sh && «sdk install java 21-tem»"\nCMD app\n'
        ),
        Invalid(
            "FROM debian\n"
            "RUN curl -sSL «https://dot.net/v1/dotnet-install.sh» -o i.sh && bash i.sh --channel 8.0\nCMD app\n",
            hint="dotnet-install.sh --runtime aspnetcore",
        ),
        Invalid(
            "FROM debian\n"
            "RUN curl -sSf «https://sh.rustup.rs» | sh -s -- -y --no-modify-path --default-toolchain stable\nCMD app\n"
        ),
        Invalid("FROM debian\nCOPY dotnet-install.sh /\nRUN «/dotnet-install.sh --channel 8.0»\nCMD app\n"),
        Invalid("FROM debian\nRUN «git clone -b stable https://github.com/flutter/flutter.git»\nCMD app\n"),
        Invalid(
            'FROM debian\nRUN bash -c "$(curl -fsSL «https://apt.llvm.org/llvm.sh»)"\nCMD app\n',
            message="clang and llvm",
        ),
        Invalid(
            "FROM debian\nWORKDIR /opt\nRUN wget «https://services.gradle.org/distributions/gradle-8.5-bin.zip» \\\n"
            "  && unzip gradle-8.5-bin.zip && rm gradle-8.5-bin.zip\nCMD app\n",
            message="gradle, which 'gradle-8.5-bin.zip' brings",
        ),
        Invalid(
            "FROM golang AS build\nRUN go build -o /app .\nFROM debian\nCOPY --from=build /app /app\n"
            "RUN curl -sSf «https://sh.rustup.rs» | sh -s -- -y\n",
            hint="in stage 'build'",
        ),
        Invalid(
            "FROM python:3.12-slim\nRUN curl -sSf «https://sh.rustup.rs» | sh -s -- -y && pip install -r r.txt"
            " && rm -rf ~/.cache\n",
            hint="rm -rf /root/.rustup /root/.cargo",
        ),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for stage in survey.shipped:
            by_line: dict[int, list[Carried]] = {}
            for carried in survey.contents(stage.index).added_toolchains:
                # Those of the stage that it is FROM are spoken of there.
                if carried.via == INSTALLER and carried.stage == stage.index:
                    by_line.setdefault(carried.line, []).append(carried)
            for brought in by_line.values():
                yield self._finding(survey, stage, brought)

    def _finding(self, survey: Survey, stage: Stage, brought: list[Carried]) -> Finding:
        # A run that finds nothing need not load it.
        from lint_multistage.advice.toolchains import install_elsewhere, parts_of

        parts = parts_of(survey.contents(stage.index), brought)
        names = list(dict.fromkeys(name for each in parts for name in each.toolchains))
        by = list(dict.fromkeys(each.by for each in brought if each.by))
        verb = "brings" if len(by) == 1 else "bring"
        how = f"{listed(by)} {verb}" if by else "an archive brings"
        return Finding(
            span=brought[0].span,
            message=f"{ships(survey, stage)} with {toolchains(names)}, which {how} and only building needs",
            hint=install_elsewhere(survey, stage, parts),
            stage=stage.index,
            cause=("installer", stage.index, brought[0].line),
            data={"toolchains": names, "via": INSTALLER, "installers": by},
        )
