"""Every condition operator and every part of a policy variable, taken out or turned round one at a time."""

from __future__ import annotations

from tests.mutation.mutation import Mutation

_CONDITIONS, _COMPARISONS = "iam_decision/conditions.py", "iam_decision/comparisons.py"
_PATTERNS, _REQUEST = "iam_decision/text_patterns.py", "iam_decision/request.py"
_RULES, _VARIABLES = ("conditions",), ("variables",)

_ABSENT = "        if self.if_exists or self.quantifier is Quantifier.FOR_ALL_VALUES:\n"


def _condition(name: str, path: str, before: str, after: str) -> Mutation:
    return Mutation(name, path, before, after, _RULES)


OPERATORS = (
    _condition(
        "StringEquals takes wildcards",
        _CONDITIONS,
        '"StringEquals": Matching.EQUAL,',
        '"StringEquals": Matching.LIKE,',
    ),
    _condition(
        "StringEquals ignores case",
        _CONDITIONS,
        '"StringEquals": Matching.EQUAL,',
        '"StringEquals": Matching.EQUAL_IGNORING_CASE,',
    ),
    _condition(
        "StringEqualsIgnoreCase has case",
        _CONDITIONS,
        '"StringEqualsIgnoreCase": Matching.EQUAL_IGNORING_CASE,',
        '"StringEqualsIgnoreCase": Matching.EQUAL,',
    ),
    _condition(
        "StringLike takes no wildcards",
        _CONDITIONS,
        '"StringLike": Matching.LIKE,',
        '"StringLike": Matching.EQUAL,',
    ),
    _condition(
        "ArnEquals takes no wildcards",
        _CONDITIONS,
        '"ArnEquals": Matching.ARN,',
        '"ArnEquals": Matching.EQUAL,',
    ),
    _condition(
        "ArnLike is StringLike",
        _CONDITIONS,
        '"ArnLike": Matching.ARN,',
        '"ArnLike": Matching.LIKE,',
    ),
    *(
        _condition(
            f"{name} is not negated",
            _CONDITIONS,
            "    negated = name in _NEGATED\n",
            f'    negated = name in _NEGATED and name != "{name}"\n',
        )
        for name in (
            "StringNotEquals",
            "StringNotEqualsIgnoreCase",
            "StringNotLike",
            "ArnNotEquals",
            "ArnNotLike",
            "NumericNotEquals",
            "DateNotEquals",
            "NotIpAddress",
        )
    ),
    *(
        _condition(f"{name} as {other}", _COMPARISONS, f'"{name}": operator.{right},', f'"{name}": operator.{wrong},')
        for name, right, other, wrong in (
            ("Equals", "eq", "NotEquals", "ne"),
            ("LessThan", "lt", "LessThanEquals", "le"),
            ("LessThanEquals", "le", "LessThan", "lt"),
            ("GreaterThan", "gt", "GreaterThanEquals", "ge"),
            ("GreaterThanEquals", "ge", "GreaterThan", "gt"),
        )
    ),
    _condition(
        "numbers are compared as none",
        _COMPARISONS,
        "return Decimal(text) if _NUMBER.fullmatch(text) else None",
        "return Decimal(0) if _NUMBER.fullmatch(text) else None",
    ),
    _condition(
        "epoch seconds are no date",
        _COMPARISONS,
        "    if _NUMBER.fullmatch(text):\n        return Decimal(text)\n",
        "    if _NUMBER.fullmatch(text):\n        return Decimal(0)\n",
    ),
    _condition(
        "time zones are ignored",
        _COMPARISONS,
        "aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)",
        "aware = moment.replace(tzinfo=UTC)",
    ),
    _condition(
        "the first block alone counts",
        _COMPARISONS,
        "return any(address in network for network in networks)",
        "return address in networks[0]",
    ),
    _condition(
        "every address is inside",
        _COMPARISONS,
        "return any(address in network for network in networks)",
        "return bool(networks)",
    ),
    _condition(
        "all bytes are equal",
        _COMPARISONS,
        "return lambda text: _decoded(text) in wanted",
        "return lambda text: _decoded(text) is not None",
    ),
    _condition(
        "Bool has case",
        _CONDITIONS,
        "        return TextSet.compile(values, Matching.EQUAL_IGNORING_CASE, variables=variables).matches\n",
        "        return TextSet.compile(values, Matching.EQUAL, variables=variables).matches\n",
    ),
    _condition(
        "negated operators are not negated",
        _CONDITIONS,
        "return any(self.test(value, lookup) for value in values) != self.negated",
        "return any(self.test(value, lookup) for value in values)",
    ),
    _condition(
        "negated operators under a set operator are not negated",
        _CONDITIONS,
        "return combine(self.test(value, lookup) != self.negated for value in values)",
        "return combine(self.test(value, lookup) for value in values)",
    ),
    _condition(
        "ForAllValues is ForAnyValue",
        _CONDITIONS,
        "combine = all if self.quantifier is Quantifier.FOR_ALL_VALUES else any",
        "combine = any",
    ),
    _condition(
        "ForAnyValue is ForAllValues",
        _CONDITIONS,
        "combine = all if self.quantifier is Quantifier.FOR_ALL_VALUES else any",
        "combine = all",
    ),
    _condition(
        "IfExists is ignored",
        _CONDITIONS,
        _ABSENT,
        "        if self.quantifier is Quantifier.FOR_ALL_VALUES:\n",
    ),
    _condition(
        "IfExists holds for keys that are there",
        _CONDITIONS,
        "        if not values:\n            return self._met_by_absence()",
        "        if not values or self.if_exists:\n            return self._met_by_absence()",
    ),
    _condition("ForAllValues fails a missing key", _CONDITIONS, _ABSENT, "        if self.if_exists:\n"),
    _condition(
        "ForAnyValue of a negated operator holds for a missing key",
        _CONDITIONS,
        "        return self.quantifier is Quantifier.NONE and self.negated",
        "        return self.negated",
    ),
    _condition(
        "negated operators fail a missing key",
        _CONDITIONS,
        "        return self.quantifier is Quantifier.NONE and self.negated",
        "        return False",
    ),
    _condition(
        "a missing key holds",
        _CONDITIONS,
        "        return self.quantifier is Quantifier.NONE and self.negated",
        "        return self.quantifier is Quantifier.NONE",
    ),
    _condition(
        "Null is turned round",
        _CONDITIONS,
        '("false" if view.values.get(self.key) else "true")',
        '("true" if view.values.get(self.key) else "false")',
    ),
    _condition(
        "names of keys have case in policies",
        _CONDITIONS,
        "return Condition(operator, key.lower(), quantifier",
        "return Condition(operator, key, quantifier",
    ),
    _condition(
        "names of keys have case in requests",
        _REQUEST,
        "self.values[key.lower()] =",
        "self.values[key] =",
    ),
    _condition(
        "stars of ARN operators cross colons",
        _PATTERNS,
        'like_expression(field, "[^:]") for field in fields[:-1]',
        "like_expression(field) for field in fields[:-1]",
    ),
    _condition(
        "a question mark is a star",
        _PATTERNS,
        "        if piece is Wildcard.MANY:\n",
        "        if isinstance(piece, Wildcard):\n",
    ),
)

VARIABLES = (
    Mutation(
        "variables are plain text",
        _PATTERNS,
        '        opening = text.find("${", position) if variables else -1\n',
        "        opening = -1\n",
        _VARIABLES,
    ),
    Mutation(
        "a variable without value is empty",
        _PATTERNS,
        "            if value is None:\n                return None\n",
        '            value = value or ""\n',
        _VARIABLES,
    ),
    Mutation(
        "defaults are ignored",
        _PATTERNS,
        "            value = part.default if value is None else value\n",
        "",
        _VARIABLES,
    ),
    Mutation(
        "defaults go before values",
        _PATTERNS,
        "            value = part.default if value is None else value\n",
        "            value = part.default or value\n",
        _VARIABLES,
    ),
    Mutation(
        "special characters are wildcards after all",
        _PATTERNS,
        "    if body in _LITERAL_BODIES:\n        return body\n",
        '    if body in _LITERAL_BODIES:\n        return Wildcard(body) if body != "$" else body\n',
        _VARIABLES,
    ),
    Mutation(
        "a dollar sign cannot be meant",
        _PATTERNS,
        '_LITERAL_BODIES = frozenset("*?$")',
        '_LITERAL_BODIES = frozenset("*?")',
        _VARIABLES,
    ),
    Mutation(
        "the value of a variable is a pattern",
        _PATTERNS,
        "            pieces.append(value)\n",
        "            pieces.extend(_pieces(value))\n",
        _VARIABLES,
    ),
    Mutation(
        "a variable's key has case",
        _PATTERNS,
        'return Variable(matched["key"].lower(), matched["default"])',
        'return Variable(matched["key"], matched["default"])',
        _VARIABLES,
    ),
)
