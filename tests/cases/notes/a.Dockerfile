SHELL ["pwsh"]
FROM alpine
