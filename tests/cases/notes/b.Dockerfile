FROM debian
SHELL ["pwsh", "-c"]
RUN Install-Module x
