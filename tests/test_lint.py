"""What `pollspec lint` sees: one document with one thing wrong, one problem, and the line where it stands."""

from __future__ import annotations

import copy
import pathlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pollspec import spec
from pollspec.document.lint import examine, problems
from pollspec.document.source import parse
from pollspec.servers import rehearsal
from tests.conftest import SIXTH

TEXT = pathlib.Path(SIXTH).read_text(encoding="utf-8")
CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    # what is wrong: the text, what takes its place, the line and the problem
    "a name twice": (
        "  version: 2.1.0",
        "  title: Again",
        {"title: Again": "no YAML: the name 'title' stands twice"},
    ),
    "no mapping as a name": (
        "tags:\n",
        "? [a, b]\n: 1\ntags:\n",
        {"? [a, b]": "no YAML: a name is a text"},
    ),
    "an unquoted date": (
        'read: "2026-11-24"',
        "read: 2026-11-24",
        {"read: 2026-11-24": "2026-11-24 is read differently by different readers of YAML: quote it"},
    ),
    "an unquoted time": (
        "mood: calm",
        "mood: 18:00",
        {"mood: 18:00": "18:00 is read differently by different readers of YAML: quote it"},
    ),
    "an unquoted no": (
        "mood: calm",
        "mood: no",
        {"mood: no": "no is read differently by different readers of YAML: quote it"},
    ),
    "an unquoted octal": (
        "mood: calm",
        "mood: 0755",
        {"mood: 0755": "0755 is read differently by different readers of YAML: quote it"},
    ),
    "an unquoted on": (
        "glaze: celadon",
        "on: celadon",
        {"- {name: upper, on: celadon, percent: 100}": "on is read differently by different readers of YAML: quote it"},
    ),
    "an unquoted status": (
        '        "202":',
        "        202:",
        {"202:": "the name 202 is no text: quote it"},
    ),
    "an unquoted version": (
        "  version: 2.1.0",
        "  version: 2.1",
        {"version: 2.1": "version is no text: quote it"},
    ),
    "a $ref to nowhere": (
        'pin: "0000"}',
        'pin: "0000"}\n    Other: {$ref: "#/components/examples/Biscuit"}',
        {'Other: {$ref: "#/components/examples/Biscuit"}': "$ref leads nowhere: #/components/examples/Biscuit"},
    ),
    "a $ref to another file": (
        '{$ref: "#/components/schemas/Load"}',
        '{$ref: "load.yaml#/Load"}',
        {'schema: {$ref: "load.yaml#/Load"}': "$ref leads nowhere: load.yaml#/Load"},
    ),
    "an unknown word at the top": (
        "\ntags:\n",
        "\ntag:\n",
        {"tag:": "unknown word 'tag': did you mean \"tags\"?"},
    ),
    "an unknown word of an operation": (
        "      summary: Show the kiln.",
        "      sumary: Show the kiln.",
        {"sumary: Show the kiln.": "unknown word 'sumary': did you mean \"summary\"?"},
    ),
    "an unknown word of a schema": (
        "minLength: 1, description: The recipe.",
        "minlength: 1, description: The recipe.",
        {
            "recipe: {type: string, minlength: 1, description: The recipe.}": (
                "unknown word 'minlength': did you mean \"minLength\"?"
            ),
        },
    ),
    "an unknown word of a parameter's schema": (
        "schema: {type: integer, minimum: 0}",
        "schema: {type: integer, minimun: 0}",
        {"schema: {type: integer, minimun: 0}": "unknown word 'minimun': did you mean \"minimum\"?"},
    ),
    "an unknown word inside anyOf": (
        'anyOf: [{type: string}, {type: "null"}]',
        'anyOf: [{typ: string}, {type: "null"}]',
        {'anyOf: [{typ: string}, {type: "null"}]': "unknown word 'typ': did you mean \"type\"?"},
    ),
    "an operationId that is no verb and noun": (
        "getDrying",
        "drying",
        {"operationId: drying": "an operationId is a verb and a noun, as getJob"},
    ),
    "a status that is none": (
        '        "410":',
        '        "4-10":',
        {'"4-10": {$ref: "#/components/responses/Lost"}': "'4-10' is no status code"},
    ),
    "no description": (
        "      description: A potter's mood; an open list.\n",
        "",
        {"Mood:": "Mood has no description"},
    ),
    "no grade": (
        "      x-source: calm, eager, etc.\n",
        "",
        {"Mood:": "Mood says not what it rests on: x-source, x-observed or x-implied"},
    ),
    "required names an unknown property": (
        "required: [heat]",
        "required: [haet]",
        {
            "required: [haet]": "required names 'haet': did you mean \"heat\"?",
            "Hot:": 'the example does not satisfy its schema: "haet" is a required property',
        },
    ),
    "an enum with an entry twice": (
        "enum: [cold, hot, fired, cracked]",
        "enum: [cold, hot, fired, cracked, hot]",
        {
            "heat: {type: string, enum: [cold, hot, fired, cracked, hot], description: What it does.}": (
                'enum has "hot" twice'
            ),
        },
    ),
    "an example of a schema that does not satisfy it": (
        "examples: [calm, eager]",
        "examples: [calm, 7]",
        {"examples: [calm, 7]": 'the example does not satisfy its schema: 7 is not of type "string"'},
    ),
    "an example of a body that does not satisfy its schema": (
        "value: {label: bowls, method: fan, dry: 40, note: thick handles}",
        "value: {label: bowls, method: fan, dry: 400}",
        {"Fanned:": "the example does not satisfy its schema at /dry: 400 is greater than the maximum of 100"},
    ),
    "an example of a parameter that does not satisfy its schema": (
        "example: 0\n",
        'example: "0"\n',
        {'example: "0"': 'the example does not satisfy its schema: "0" is not of type "integer"'},
    ),
    "an example that is not used": (
        "    Hot:\n",
        "    Cold: {value: {heat: cold}}\n    Hot:\n",
        {"Cold: {value: {heat: cold}}": "example Cold is not used"},
    ),
    "an example of a request that does not satisfy its schema": (
        'value: {recipe: bisque, pin: "0000"}',
        "value: {recipe: bisque, pin: 0}",
        {"Bisque:": 'the example does not satisfy its schema at /pin: 0 is not of type "string"'},
    ),
    "a path parameter that the path has not": (
        "  /firings/{number}:\n",
        "  /firings/{nummer}:\n",
        {
            "get:": "the path's {nummer} is no parameter",
            "- name: number": 'the path has no {number}: did you mean "nummer"?',
        },
    ),
    "a path parameter that is not required": (
        "        - name: number\n          in: path\n          required: true",
        "        - name: number\n          in: path\n          required: false",
        {"required: false": "required: true was expected"},
    ),
    "a path parameter without an example": (
        "          example: 7b1f0d6e-0000-4000-8000-000000000001\n",
        "",
        {"- name: number": "the parameter number has no example, so that nothing can be asked"},
    ),
    "a link to an unknown operation": (
        "{operationId: getFiring, parameters",
        "{operationId: getFire, parameters",
        {
            "firing: {operationId: getFire, parameters: {number: $response.body#/firing/number}}": (
                "a link to the unknown operation 'getFire': did you mean \"getFiring\"?"
            ),
        },
    ),
    "a link with an unknown parameter": (
        "parameters: {number: $response",
        "parameters: {nummer: $response",
        {
            "firing: {operationId: getFiring, parameters: {nummer: $response.body#/firing/number}}": (
                "a link with the unknown parameter 'nummer': did you mean \"number\"?"
            ),
        },
    ),
    "an unknown security scheme": (
        "security:\n  - potter: []",
        "security:\n  - pottery: []",
        {"- pottery: []": "unknown security scheme 'pottery': did you mean \"potter\"?"},
    ),
    "an unknown security scheme of an operation": (
        "      summary: Show the kiln.",
        "      security: [{kiln: []}]\n      summary: Show the kiln.",
        {"security: [{kiln: []}]": "unknown security scheme 'kiln': known: potter"},
    ),
    "an unknown HTTP scheme": (
        "      type: apiKey\n      in: header\n      name: X-Potter",
        "      type: http\n      scheme: beerer",
        {"scheme: beerer": "unknown HTTP scheme 'beerer': did you mean \"bearer\"?"},
    ),
    "an operationId twice": (
        "operationId: getDrying",
        "operationId: getKiln",
        {"operationId: getKiln": "the operationId getKiln stands twice"},
    ),
    "a misspelt keyword": (
        "        at-most:\n          minutes:",
        "        at-mots:\n          minutes:",
        {"at-mots:": "unknown word 'at-mots': did you mean \"at-most\"?"},
    ),
    "a misspelt word of a belief": (
        "            limit: $response.body#/firing/minutes/total",
        "            limt: $response.body#/firing/minutes/total",
        {
            "minutes:": "limit is missing",
            "limt: $response.body#/firing/minutes/total": "unknown word 'limt': did you mean \"limit\"?",
        },
    ),
    "a belief that rests on nothing": (
        "            implied: they are some of them\n",
        "",
        {"minutes:": "a belief rests on exactly one of source, observed and implied"},
    ),
    "a belief that rests on two things": (
        "            implied: they are some of them",
        "            implied: they are some of them\n            observed: so they are",
        {"minutes:": "a belief rests on exactly one of source, observed and implied"},
    ),
    "a claim that is no sentence": (
        "claim: No more minutes are done than there are.",
        "claim: minutes",
        {"claim: minutes": "a claim is a sentence, with a full stop"},
    ),
    "an expression that is none": (
        "field: $request.body#/pin",
        "field: $request.body/pin",
        {
            "field: $request.body/pin": (
                "'$request.body/pin' is no runtime expression: expected one like "
                "$request.query.token or $response.body#/state"
            ),
        },
    ),
    "an unknown kind": (
        "          kind: paused",
        "          kind: pausing",
        {"kind: pausing": 'kind: "pausing" is not one of "waiting", "active" or 4 other candidates'},
    ),
    "an unknown subject": (
        "subject: unknown\n",
        "subject: unknwon\n",
        {"subject: unknwon": "unknown subject 'unknwon': did you mean \"unknown\"?"},
    ),
    "an unknown stage": (
        "from: [done, cracked, cleared]",
        "from: [done, craked, cleared]",
        {"from: [done, craked, cleared]": "unknown stage 'craked': did you mean \"cracked\"?"},
    ),
    "an unknown stage to arrive in": (
        "arrives: [done]",
        "arrives: [over]",
        {
            "arrives: [over]": (
                "unknown stage 'over': known: cleared, cracked, done, lost, opened, soaking, waiting, warming"
            ),
        },
    ),
    "an unknown operation": (
        "            to: getFiring\n            shows",
        "            to: getFirings\n            shows",
        {"to: getFirings": "unknown operation 'getFirings': did you mean \"getFiring\"?"},
    ),
    "an unknown operation to agree with": (
        "with: getFiring",
        "with: getFire",
        {"with: getFire": "unknown operation 'getFire': did you mean \"getFiring\"?"},
    ),
    "an unknown lifecycle": (
        "            of: firing\n            with",
        "            of: fire\n            with",
        {"of: fire": "unknown lifecycle 'fire': did you mean \"firing\"?"},
    ),
    "an unknown credential": (
        "  credentials:\n"
        "    default: {$request.header.X-Potter: pollspec-potter-of-the-kiln}\n"
        "    unprivileged: {$request.header.X-Potter: pollspec-potter-next-door}\n"
        "",
        "  credentials:\n    default: {$request.header.X-Potter: pollspec-potter-of-the-kiln}\n",
        {"credential: unprivileged": "unknown credential 'unprivileged': known: default, invalid, none"},
    ),
    "an answer that is sent": (
        "            sends: [{$request.body#/recipe: null}]",
        "            sends: [{$response.body#/recipe: null}]",
        {"sends: [{$response.body#/recipe: null}]": "$response.body#/recipe cannot be sent: expected $request...."},
    ),
    "a misspelt state": (
        "          state: $response.body#/firing/state",
        "          state: $response.body#/firing/stat",
        {
            "state: $response.body#/firing/stat": (
                "$response.body#/firing/stat: no schema declares 'stat': did you mean \"state\"?"
            ),
        },
    ),
    "a misspelt value": (
        "            value: $response.body#/firing/changed_at",
        "            value: $response.body#/firing/changed_on",
        {
            "changed-at:": (
                "$response.body#/firing/changed_on: no schema declares 'changed_on': did you mean \"changed_at\"?"
            ),
        },
    ),
    "a misspelt value among several": (
        "            values: [/glaze]",
        "            values: [/glasure]",
        {
            "glaze:": "$response.body#/firing/shelves/*/glasure: no schema declares 'glasure': did you mean \"glaze\"?",
        },
    ),
    "a misspelt name in a condition": (
        "unless: {$response.body#/firing/opened: {const: true}}",
        "unless: {$response.body#/firing/open: {const: true}}",
        {
            "minutes:": "$response.body#/firing/open: no schema declares 'open': did you mean \"opened\"?",
        },
    ),
    "a condition where none is judged": (
        "            unless: {$response.body#/firing/opened: {const: true}}",
        "            when: {$response.body#/firing/opened: {const: true}}",
        {"when: {$response.body#/firing/opened: {const: true}}": "'when' has no place here"},
    ),
    "an alternative where none is judged": (
        "            unless: {$response.body#/firing/opened: {const: true}}",
        "            or: [{observed: so it is, versions: '>=3'}]",
        {"or: [{observed: so it is, versions: '>=3'}]": "'or' has no place here"},
    ),
    "an unknown parameter": (
        "            of: $request.path.number\n            part: true",
        "            part: true\n            of: $request.path.nummer",
        {
            "link-holds-number:": (
                '$request.path.nummer is no parameter of getFiring: did you mean "$request.path.number"?'
            ),
        },
    ),
    "a stage that follows and is none": (
        "          then: [drying]",
        "          then: [dryed]",
        {"then: [dryed]": "unknown stage 'dryed': did you mean \"dry\"?"},
    ),
    "a stage that does not follow": (
        "path: [waiting, warming, soaking, done]",
        "path: [waiting, done, warming]",
        {"path: [waiting, done, warming]": "warming does not follow done"},
    ),
    "a stage of a path that is none": (
        "path: [waiting, lost]",
        "path: [waiting, lots]",
        {"path: [waiting, lots]": "unknown stage 'lots': did you mean \"lost\"?"},
    ),
    "a path through two lifecycles": (
        "path: [waiting, lost]",
        "path: [waiting, wet]",
        {"path: [waiting, wet]": "the stages of the path are not of one lifecycle"},
    ),
    "states of an operation that does not see it": (
        "states: {getDrying: wet}",
        "states: {getDry: wet}",
        {"states: {getDry: wet}": "'getDry' does not see this lifecycle: did you mean \"getDrying\"?"},
    ),
    "a state that the schema has not": (
        "states: {getFiring: soaking, getKiln: hot}",
        "states: {getFiring: soaked, getKiln: hot}",
        {"states: {getFiring: soaked, getKiln: hot}": "'soaked' is no state of getFiring: did you mean \"soaking\"?"},
    ),
    "an unknown operation that starts": (
        "        operation: startFiring\n",
        "        operation: startFire\n",
        {"operation: startFire": "unknown operation 'startFire': did you mean \"startFiring\"?"},
    ),
    "an operation that sees no lifecycle": (
        "  /drying:\n",
        """  /clay:
    get:
      operationId: getClay
      responses: {"204": {description: There is some.}}
      x-contract:
        never-changes:
          kind: {claim: It stays what it is., implied: clay is clay, values: [$response.body#/kind]}
  /drying:
""",
        {
            "kind: {claim: It stays what it is., implied: clay is clay, values: [$response.body#/kind]}": (
                "getClay sees no lifecycle, so that this is never judged"
            ),
        },
    ),
    "an unknown example": (
        "plays: {getFiring: {example: cleared}}",
        "plays: {getFiring: {example: claered}}",
        {"plays: {getFiring: {example: claered}}": "unknown example 'claered': did you mean \"cleared\"?"},
    ),
    "a card of an unknown parameter": (
        "given: {$request.query.room: north}",
        "given: {$request.query.rom: north}",
        {
            "given: {$request.query.rom: north}": (
                '$request.query.rom is no parameter: did you mean "$request.query.room"?'
            ),
        },
    ),
    "two cards alike": (
        "7b1f0d6e-0000-4000-8000-000000000002}",
        "7b1f0d6e-0000-4000-8000-000000000001}",
        {"given: {$request.path.number: 7b1f0d6e-0000-4000-8000-000000000001}": "cracked is given as finished is"},
    ),
    "no x-contract": (
        TEXT[TEXT.index("\nx-contract:") :],
        "\n",
        {"openapi: 3.1.0": "x-contract is missing: see spec/README.md"},
    ),
    "no subjects": (
        TEXT[TEXT.index("\n  subjects:") : TEXT.index("\n  oddities:")],
        "",
        {"x-contract:": "subjects is missing"},
    ),
    "a word of the grammar in the wrong place": (
        "            mentions: 4040\n            or:",
        "            mentions: 4040\n            limit: 4040\n            or:",
        {"limit: 4040": "'limit' has no place here"},
    ),
    "responses that are missing": (
        '      responses:\n        "200":\n          description: The kiln.',
        '      replies:\n        "200":\n          description: The kiln.',
        {"get:": "responses is missing", "replies:": "unknown word 'replies': did you mean \"responses\"?"},
    ),
    "an example of a schema that the page's list has not": (
        "      examples: [calm, eager]\n",
        "      examples: [calm, eager]\n      default: 7\n",
        {"default: 7": 'the example does not satisfy its schema: 7 is not of type "string"'},
    ),
    "a request body without an example": (
        '            examples:\n              printed: {$ref: "#/components/examples/Bisque"}\n',
        "",
        {
            "application/json:": "the request body has no example, so that nothing can be sent",
            "Bisque:": "example Bisque is not used",
        },
    ),
    "a media type without a schema": (
        '              schema: {$ref: "#/components/schemas/Kiln"}\n',
        "",
        {"application/json:": "application/json has no schema"},
    ),
    "an unknown example of a view": (
        "          example: soaking\n",
        "          example: soacking\n",
        {"example: soacking": "unknown example 'soacking': did you mean \"soaking\"?"},
    ),
    "a misspelt word of a parameter": (
        "          in: path\n          required: true",
        "          in: path\n          requird: true\n          required: true",
        {"requird: true": "unknown word 'requird': did you mean \"required\"?"},
    ),
    "a misspelt word of a link": (
        "{operationId: getFiring, parameters",
        "{operationId: getFiring, paramters",
        {
            "firing: {operationId: getFiring, paramters: {number: $response.body#/firing/number}}": (
                "unknown word 'paramters': did you mean \"parameters\"?"
            ),
        },
    ),
    "a response without a description": (
        "          description: The kiln.\n",
        "",
        {'"200":': "description is missing"},
    ),
    "a tag twice": (
        "\ntags:\n",
        "\ntags:\n  - {name: drying, description: Again.}\n",
        {"openapi: 3.1.0": "Duplicate tag name 'drying'"},
    ),
    "a link to no operation": (
        "{operationId: getFiring, parameters: {number: $response.body#/firing/number}}",
        '{operationRef: "#/paths/~1firings/get"}',
        {
            'firing: {operationRef: "#/paths/~1firings/get"}': (
                "a link to no operation of this document: #/paths/~1firings/get"
            ),
        },
    ),
    "a link of an expression that is none": (
        "{operationId: getFiring, parameters: {number: $response.body#/firing/number}}",
        "{operationId: getFiring, parameters: {number: $response.bdy#/firing/number}}",
        {
            "firing: {operationId: getFiring, parameters: {number: $response.bdy#/firing/number}}": (
                "'$response.bdy#/firing/number' is no runtime expression: expected one like $response.body#/id"
            ),
        },
    ),
    "a link of another place": (
        "{operationId: getFiring, parameters: {number: $response.body#/firing/number}}",
        "{operationId: getFiring, parameters: {query.number: $response.body#/firing/number}}",
        {
            "firing: {operationId: getFiring, parameters: {query.number: $response.body#/firing/number}}": (
                "a link with the unknown parameter 'query.number': did you mean \"number\"?"
            ),
        },
    ),
    "a $ref in a circle": (
        "    Minutes:\n      type: object\n",
        "    Minutes:\n      type: object\n      allOf: [{$ref: '#/components/schemas/Minutes'}]\n",
        {
            "allOf: [{$ref: '#/components/schemas/Minutes'}]": (
                "$ref leads back to itself: #/components/schemas/Minutes -> #/components/schemas/Minutes"
            ),
        },
    ),
    "an example of a parameter that nobody uses": (
        "  securitySchemes:\n",
        "  parameters:\n    Page: {name: p, in: query, schema: {type: integer}, example: first}\n  securitySchemes:\n",
        {
            "Page: {name: p, in: query, schema: {type: integer}, example: first}": (
                'the example does not satisfy its schema: "first" is not of type "integer"'
            ),
        },
    ),
    "an example of a header": (
        "  securitySchemes:\n",
        "  headers:\n    Age: {schema: {type: integer}, examples: {old: {value: very}}}\n  securitySchemes:\n",
        {
            "Age: {schema: {type: integer}, examples: {old: {value: very}}}": (
                'the example does not satisfy its schema: "very" is not of type "integer"'
            ),
        },
    ),
    "an example beside a schema": (
        '              examples:\n                fanned: {$ref: "#/components/examples/Fanned"}\n',
        "              example: {label: bowls, method: fan}\n",
        {
            "example: {label: bowls, method: fan}": (
                'the example does not satisfy its schema: "dry" is a required property'
            ),
            "Fanned:": "example Fanned is not used",
        },
    ),
    "an example deep in what a schema is composed of": (
        "degrees: {type: number, description: How hot it is.}",
        "degrees: {allOf: [{type: number, default: hot}], description: How hot it is.}",
        {
            "degrees: {allOf: [{type: number, default: hot}], description: How hot it is.}": (
                'the example does not satisfy its schema: "hot" is not of type "number"'
            ),
        },
    ),
    "required in a part names what no part declares": (
        "      required: [heat]\n",
        "      allOf: [{required: [heat]}, {required: [hat]}]\n",
        {
            "allOf: [{required: [heat]}, {required: [hat]}]": "required names 'hat': did you mean \"heat\"?",
            "Hot:": 'the example does not satisfy its schema: "hat" is a required property',
        },
    ),
    "an enum deep in a schema with an entry twice": (
        "degrees: {type: number, description: How hot it is.}",
        "degrees: {anyOf: [{enum: [1, 1]}, {type: number}], description: How hot it is.}",
        {
            "degrees: {anyOf: [{enum: [1, 1]}, {type: number}], description: How hot it is.}": "enum has 1 twice",
        },
    ),
    "a schema that is none": (
        "degrees: {type: number, description: How hot it is.}",
        "degrees: {type: nmber, description: How hot it is.}",
        {
            "degrees: {type: nmber, description: How hot it is.}": (
                "type: \"nmber\" is not valid under any of the schemas listed in the 'anyOf' keyword"
            ),
        },
    ),
    "a merge key": (
        "degrees: {type: number, description: How hot it is.}",
        "degrees: {<<: {type: number}, description: How hot it is.}",
        {
            "degrees: {<<: {type: number}, description: How hot it is.}": (
                "no YAML: << is no part of YAML 1.2: write out what it merges"
            ),
        },
    ),
}


def mend(tmp_path: pathlib.Path, text: str, style: bool = True) -> list[str]:
    """The problems of a document's text, those of style too, without its path; the line's number as the line itself."""
    path = tmp_path / "sixth.yaml"
    path.write_text(text, encoding="utf-8")
    found = [re.fullmatch(rf"{re.escape(str(path))}:([0-9]+): (.+)", problem) for problem in problems(str(path), style)]
    assert None not in found
    return [f"{text.splitlines()[int(match[1]) - 1].strip()}  <- {match[2]}" for match in found if match]


@pytest.mark.parametrize(("old", "new", "expected"), CASES.values(), ids=CASES)
def test_sees(tmp_path: pathlib.Path, old: str, new: str, expected: dict[str, str]) -> None:
    """One thing wrong in a document is one problem, with its line, and what may have been meant."""
    assert old in TEXT
    assert mend(tmp_path, TEXT.replace(old, new)) == [f"{line}  <- {text}" for line, text in expected.items()]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("      required: [heat]\n", "      allOf: [{required: [heat]}]\n"),
        ("      required: [heat]\n", "      anyOf: [{required: [heat]}, {required: [degrees]}]\n"),
        (
            "      required: [heat]\n",
            "      allOf: [{properties: {lid: {}}, required: [heat, lid]}]\n      patternProperties: {^l: {}}\n",
        ),
        (
            "      required: [heat]\n",
            "      required: [heat]\n      if: {required: [degrees]}\n      then: {minProperties: 2}\n",
        ),
        (
            "      required: [heat]\n",
            "      required: [heat]\n      prefixItems: [{contains: {not: {}}, minContains: 0}]\n",
        ),
        ("security:\n  - potter: []", "security:\n  - potter: []\n  - {}"),
        ("{operationId: getFiring, parameters", '{operationRef: "#/paths/~1firings~1%7Bnumber%7D/get", parameters'),
        ("firings/{number}:\n", "firings/{number}:\n    summary: One firing.\n    x-internal: {$ref: nothing}\n"),
    ],
)
def test_sees_nothing_in_what_is_legal(tmp_path: pathlib.Path, old: str, new: str) -> None:
    """Whatever else OpenAPI and JSON Schema can say is no problem."""
    assert old in TEXT
    text = TEXT.replace(old, new)
    if "lid" in new:  # the sample has one then
        text = text.replace("value: {heat: hot, degrees: 1040.5}", "value: {heat: hot, degrees: 1040.5, lid: shut}")
    assert mend(tmp_path, text) == []


def test_sees_nothing_in_a_good_document(tmp_path: pathlib.Path) -> None:
    """The document that the others are made of has no problem."""
    assert mend(tmp_path, TEXT) == []


def test_sees_several_at_once(tmp_path: pathlib.Path) -> None:
    """Problems that do not hide one another are shown together, in the order of their lines."""
    text = TEXT.replace("mood: calm", "mood: 7").replace("required: [dry]", "").replace("with: getFiring", "with: fire")
    found = mend(tmp_path, text)
    assert [problem.split("  <- ")[0] for problem in found] == ["with: fire", "Soaking:"]


def places(node: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    yield place
    for key in node if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ():
        yield from places(node[key], (*place, key))


@pytest.mark.parametrize("value", [None, 7, "x", [], {}], ids=str)
def test_no_document_is_a_traceback(value: Any) -> None:
    """Whatever stands in the place of an entry, the answer is a list of problems."""
    source = parse(TEXT, "sixth", "sixth.yaml")
    wanted = [place for place in places(source.content) if place and "examples" not in place]
    for place in wanted[:: 11 if value is None else 37]:
        changed = copy.deepcopy(source.content)
        inner: Any = changed
        for token in place[:-1]:
            inner = inner[token]
        inner[place[-1]] = value
        for problem in examine(replace(source, content=changed), further=[rehearsal.problems]):
            assert re.match(r"sixth\.yaml:[0-9]+: .", problem), (place, problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", " is no OpenAPI 3.1 document: it begins with `openapi: 3.1.0`"),
        ("openapi: 3.0.3\n", " is no OpenAPI 3.1 document: it begins with `openapi: 3.1.0`"),
        ("[]", " is no OpenAPI 3.1 document: it begins with `openapi: 3.1.0`"),
        ("openapi: [", ":1: no YAML: expected the node content, but found '<stream end>'"),
        ("openapi: 3.1.0\n\tx: 1", ":2: no YAML: found character '\\t' that cannot start any token"),
        ("openapi: 3.1.0\ninfo: {title: Kiln, version: 1.0.0}\n", ":1: paths is missing"),
    ],
)
def test_no_document_at_all(tmp_path: pathlib.Path, text: str, problem: str) -> None:
    """What is no document says so in one line."""
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    assert problems(str(path)) == [f"{path}{problem}"]


def test_unknown_name() -> None:
    """A misspelt vendor is told apart from a file."""
    assert problems("keykard") == [
        "no vendor is called 'keykard': expected a known name or the path of a document (.yaml)"
    ]


def test_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    """A path to nothing is one problem."""
    (problem,) = problems(str(tmp_path / "no.yaml"))
    assert "cannot be read" in problem


def test_known_documents_need_no_path() -> None:
    """A known vendor is checked by its name."""
    assert [problem for name in spec.names() for problem in problems(name, style=True)] == []


OTHERS = """\
paths:
  /jobs/{job}:
    get:
      responses:
        "200":
          description: The job.
          content:
            application/json:
              schema: {$ref: "#/components/schemas/job"}
              example: {state: queued, unheard: 1, label_1: one}
            text/plain: {}
      operationId: jobs/get-job.v1_now
      externalDocs: {url: https://jobs.invalid/docs}
      x-codegen: {name: job}
      parameters:
        - {name: job, in: path, required: true, schema: {type: string}, example: j-1}
x-contract: {lifecycles: {}, subjects: {}}
info: {title: Jobs, version: 1.0.0, x-logo: {url: logo.png}}
externalDocs: {url: https://jobs.invalid}
webhooks:
  ended:
    post:
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/job"}}}}
components:
  schemas:
    job:
      type: object
      required: [state, unheard]
      properties:
        state: {type: string, enum: [queued, ended, ended], example: 7}
        since: {type: string, default: 2026-11-24, faker: date.past}
      patternProperties: {"^label_": {type: string}}
      externalDocs: {url: https://jobs.invalid/job}
      example: {state: lost}
  examples:
    nobody: {value: 1}
openapi: 3.1.0
"""


def test_what_can_be_judged_is_no_error(tmp_path: pathlib.Path) -> None:
    """What breaks the house rules of our own documents alone is style, and told only where it is asked for."""
    assert mend(tmp_path, OTHERS, style=False) == []
    told = [line.split("  <- ")[1].split(":")[0] for line in mend(tmp_path, OTHERS)]
    assert told == ["2026-11-24 is read differently by different readers of YAML"]
    told = [line.split("  <- ")[1].split(":")[0] for line in mend(tmp_path, OTHERS.replace("24, f", "24T, f"))]
    assert sorted(set(told)) == [
        "an operationId is a verb and a noun, as getJob",
        'enum has "ended" twice',
        "example nobody is not used",
        "job has no description",
        "job says not what it rests on",
        "required names 'unheard'",
        "text/plain has no schema",
        "the example does not satisfy its schema",
        "the example does not satisfy its schema at /state",
        "the order of the top-level words is openapi, info, servers, security, tags, paths, components, x-contract",
        "unknown word 'faker'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("faker: date.past", "maxlength: 9", "unknown word 'maxlength': did you mean \"maxLength\"?"),
        ("faker: date.past", "nullable: true", "unknown word 'nullable': OpenAPI 3.1 says type: [string, \"null\"]"),
        (", example: j-1", "", "the parameter job has no example, so that nothing can be asked"),
        ("{state: queued,", "{state: lost,", 'the example does not satisfy its schema at /state: "lost" is not one of'),
    ],
)
def test_what_is_judged_otherwise_than_meant_is_an_error(
    tmp_path: pathlib.Path, old: str, new: str, expected: str
) -> None:
    """A misspelt word, a sample that is none, and what lets nothing be asked are told in any document."""
    (found,) = mend(tmp_path, OTHERS.replace(old, new), style=False)
    assert found.split("  <- ")[1].startswith(expected)
