#!/usr/bin/env bash
# Redocly and Spectral on every document: no error. $1 is the folder of their commands.
set -euo pipefail
tools=$1
rules=$(mktemp --suffix .yaml)
trap 'rm -f "$rules"' EXIT
echo 'extends: ["spectral:oas"]' > "$rules"
for document in spec/*.yaml tests/documents/{menagerie,oven,sixth}.yaml; do  # kettle.yaml is the least that a document may be
    echo "== $document"
    "$tools/redocly" lint --skip-rule=struct-extra --format=stylish "$document"
    "$tools/spectral" lint --ruleset "$rules" --fail-severity=error --quiet "$document"
done
