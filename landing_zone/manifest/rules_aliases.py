"""What must hold for the aliases of accounts: variables that are there, a form that AWS takes, no two alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from landing_zone.account_alias import ALIAS_VARIABLES, LONGEST, NO_ALIAS, SHORTEST, filled_alias, is_alias
from landing_zone.manifest.outline import AccountLine, Outline
from landing_zone.manifest.positions import Document
from landing_zone.manifest.problems import Place, Problems
from landing_zone.substitution import references, unclosed

_MOST_NAMED = 3
_FORM = f"{SHORTEST} to {LONGEST} lower-case letters, digits and single hyphens between them"


def named(accounts: Sequence[str]) -> str:
    """Return some accounts as a message names them: a few, and how many more."""
    more = len(accounts) - _MOST_NAMED
    return ", ".join(accounts[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


@dataclass(slots=True)
class AliasRules:
    """Collects patterns, and in the end checks each once and that no two accounts have the same alias."""

    outline: Outline
    document: Document
    problems: Problems
    _given: dict[tuple[str, Place], list[AccountLine]] = field(default_factory=dict)
    _found: dict[str, list[tuple[str, Place]]] = field(default_factory=dict)
    _number: int = 0

    def add(self, pattern: str, accounts: Sequence[AccountLine], place: Place) -> None:
        """Note a pattern and the accounts that it gives an alias; their other settings may differ."""
        self._given.setdefault((pattern, place), []).extend(accounts)

    def _check(self, pattern: str, accounts: Sequence[AccountLine], place: Place) -> None:
        """Check the alias that a pattern gives each of the accounts."""
        for beginning, _ in unclosed(pattern):
            self.problems.add(place, f'no brace closes "{beginning}"')
            return
        wrong: list[tuple[str, str]] = []
        unknown: dict[str, list[AccountLine]] = {}
        for account in accounts if pattern not in ("", NO_ALIAS) else ():
            own = self._own_variables(account)
            lacking = [name for name, _ in references(pattern) if not _has(name, account, own)]
            for name in lacking:
                unknown.setdefault(name, []).append(account)
            if lacking:
                continue
            alias = filled_alias(pattern, self._variables(account), own)
            if is_alias(alias):
                self._found.setdefault(alias, []).append((account.name, place))
            else:
                wrong.append((account.name, alias))
        self._tell(wrong, unknown, place)

    def finish(self) -> None:
        """Note what is wrong with the patterns, and aliases that more than one account would have."""
        for (pattern, place), accounts in self._given.items():
            self._check(pattern, accounts, place)
        for alias, found in self._found.items():
            if len(found) > 1:
                what = f"the alias {alias} would be that of {named([name for name, _ in found])}"
                self.problems.add(found[1][1], f"{what}; it is unique in AWS: put ${{account.name}} into it")

    def _tell(
        self, wrong: Sequence[tuple[str, str]], unknown: Mapping[str, Sequence[AccountLine]], place: Place
    ) -> None:
        if wrong:
            (account, alias), more = wrong[0], len(wrong) - 1
            also = f" ({more} more like it)" if more else ""
            self.problems.add(place, f'the alias of {account} would be "{alias}"{also}, and AWS takes {_FORM}')
        for name, accounts in unknown.items():
            whose = named([account.name for account in accounts])
            if name == "account.stage":
                self.problems.add(place, f"${{account.stage}} in the alias: {whose} without a stage")
                continue
            own = self._own_variables(accounts[0])
            known = [f"${{{each}}}" for each in (*ALIAS_VARIABLES, *(f"vars.{variable}" for variable in own))]
            self.problems.add_unknown(place, f"in the alias of {whose} nothing is called", f"${{{name}}}", known)

    def _variables(self, account: AccountLine) -> Mapping[str, str]:
        # AWS may not have made the account yet: a number stands in for its id.
        self._number += 1
        of_fleet = {name: getattr(self.outline, name) for name in ("organization", "region", "management_account_id")}
        return {
            **{name: text.value if text is not None else "" for name, text in of_fleet.items()},
            "account.name": account.name,
            "account.id": f"{self._number:012d}",
            "account.stage": account.stage,
            "account.unit": account.unit,
        }

    def _own_variables(self, account: AccountLine) -> Mapping[str, Any]:
        value = self.document.values
        for key in (*account.path, "vars"):
            value = value.get(key) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}


def _has(name: str, account: AccountLine, own: Mapping[str, Any]) -> bool:
    if name == "account.stage":
        return bool(account.stage)
    return name in ALIAS_VARIABLES or (name.startswith("vars.") and name.removeprefix("vars.") in own)
