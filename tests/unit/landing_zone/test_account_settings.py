"""Settings and quotas of accounts: merged from all layers, told with their place where they are wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from landing_zone.account_settings import AccountSettings, Budget, Contact, PasswordPolicy, Quota
from landing_zone.fleet import Account
from landing_zone.manifest import load_manifest, load_with_places
from landing_zone.manifest.origins import account_origins
from landing_zone.stack_config import for_bootstrap, for_subaccount
from tests.support.repository import ROOT
from tests.unit.landing_zone.fleet_files import write_files
from tests.unit.landing_zone.fleets import SMALL, edited, full_lock, parsed, problems_of

BUDGET = "{limit_usd: 100, actual: [80], emails: [f@small.example]}"
CONTACT = '{name: A, title: B, email: c@small.example, phone: "1"}'
ALL = f"""\
account_settings:
  alias: "${{organization}}-${{account.name}}"
  password_policy: {{minimum_length: 16, require: [numbers]}}
  ebs_encryption: true
  regions: [eu-west-1, us-east-1]
  budgets: {{monthly: {BUDGET}}}
  contacts: {{security: {CONTACT}, billing: {CONTACT}}}
quotas:
  vpcs: {{service: vpc, quota: L-F678F1CE, value: 10}}
defaults:
  accounts: {{settings: {{imdsv2: true}}}}
  units: {{plat: {{settings: {{budgets: {{monthly: {{limit_usd: 500}}}}}}}}}}
  stages: {{prod: {{settings: {{budgets: {{monthly: {{emails+: [p@small.example]}}}}}}}}}}
"""


def _account(name: str, own: str = "", text: str = ALL) -> Account:
    there = f"{name}@small.example"
    return parsed(SMALL.replace(f"{{email: {there}", f"{{email: {there}{own}", 1) + text).account(name)


def test_nothing_is_set_unless_it_is_asked_for() -> None:
    """Without the keys an account has no settings and asks for no quota."""
    account = _account("prod", text="")
    assert (account.settings, account.quotas) == (AccountSettings(), ())


def test_layers_are_merged_deeply() -> None:
    """The fleet's settings lose to defaults' of accounts, unit and stage key by key, and a list adds with +."""
    settings = _account("prod").settings
    assert settings.imdsv2
    assert settings.ebs_encryption
    assert settings.budgets == (
        Budget("monthly", 500, actual=(80,), forecast=(), emails=("f@small.example", "p@small.example")),
    )


def test_the_accounts_own_wins() -> None:
    """What an account says itself wins over all layers, and adds what they have not."""
    own = _account("dev", ", settings: {ebs_encryption: false, budgets: {monthly: {limit_usd: 7}, b: " + BUDGET + "}}")
    assert not own.settings.ebs_encryption
    assert [(budget.name, budget.limit_usd) for budget in own.settings.budgets] == [("monthly", 7), ("b", 100)]
    assert own.settings.contacts == _account("dev").settings.contacts


def test_the_management_account_has_them_too() -> None:
    """The fleet's settings and quotas are the management account's as well."""
    root = _account("root")
    assert root.settings.password_policy == PasswordPolicy(16, ("numbers",))
    assert [quota.name for quota in root.quotas] == ["vpcs"]


def test_an_empty_block_changes_nothing() -> None:
    """A key `settings:` with nothing behind it leaves what more general layers say."""
    assert _account("dev", ", settings: ").settings == _account("dev").settings


def test_an_inherited_block_is_taken_away() -> None:
    """`enabled: false`, or `none` for the alias, takes away what a more general layer has set."""
    off = "{enabled: false}"
    taken = f"alias: none, password_policy: {off}, budgets: {{monthly: {off}}}, contacts: {{billing: {off}}}"
    account = _account("dev", f", settings: {{{taken}}}, quotas: {{vpcs: {off}}}")
    assert account.settings.alias == ""
    assert account.settings.password_policy is None
    assert account.settings.budgets == ()
    assert account.settings.contacts == (Contact("security", "A", "B", "c@small.example", "1"),)
    assert account.quotas == ()


def test_regions_are_the_fleets_unless_given() -> None:
    """What is per region holds in the fleet's region, or in those given; without such a setting there are none."""
    assert _account("dev", text="account_settings: {imdsv2: true}\n").settings.regions == ("eu-west-1",)
    assert _account("dev").settings.regions == ("eu-west-1", "us-east-1")
    assert _account("dev", text='account_settings: {alias: "a-${account.name}"}\n').settings.regions == ()


def test_a_quota_is_asked_for_in_each_region() -> None:
    """A quota with regions is one request in each of them."""
    text = "quotas: {a: {service: ec2, quota: L-1216C47A, value: 0.5, regions: [eu-west-1, us-east-1]}}\n"
    assert _account("dev", text=text).quotas == tuple(
        Quota("a", "ec2", "L-1216C47A", 0.5, region) for region in ("eu-west-1", "us-east-1")
    )


def test_where_each_setting_came_from(tmp_path: Path) -> None:
    """The origins of an account's values name the line of each setting, also of those that all accounts share."""
    fleet = write_files(tmp_path, {"fleet.yaml": SMALL + ALL})
    found = {origin.key: origin for origin in account_origins(*load_with_places(fleet), "prod")}
    assert (found["settings.alias"].place.line, found["settings.imdsv2"].place.line) == (34, 43)
    limit = found["settings.budgets.monthly.limit_usd"]
    assert (limit.value, limit.place.line, [place.line for place in limit.beaten]) == (500, 44, [38])
    assert found["quotas.vpcs.value"].place.line == 41


def test_a_mistyped_alias_is_told_once() -> None:
    """An account with settings of its own has the fleet's alias too, and what is wrong with it stands in one place."""
    own = edited(("stage: prod, vars:", "stage: prod, settings: {imdsv2: true}, vars:"))
    (found,) = problems_of(f"{own}account_settings: {{alias: 's-${{account.nmae}}'}}\n")
    assert 'in the alias of root, audit, dev and 1 more nothing is called "${account.nmae}"' in found


@pytest.mark.parametrize(
    ("pattern", "alias"),
    [
        ("${organization}-${account.name}", "small-prod"),
        ("${account.stage}-${account.id}", "prod-100000000004"),
        ("x-${account.unit}-${region}-${account.name}", "x-plat-eu-west-1-prod"),
        ("${vars.short}", "prd"),
    ],
)
def test_an_alias_is_filled_in_where_the_id_is_known(pattern: str, alias: str) -> None:
    """A pattern's variables are filled in when the account's stack config is made, the id from the lock."""
    own = ", vars: {short: prd}" if "vars" in pattern else ""
    text = SMALL.replace(
        "stage: prod, vars: {cidr: 10.1.0.0/16}", f"stage: prod, settings: {{alias: '{pattern}'}}{own}"
    )
    manifest = parsed(text.replace('cidr: "${vars.cidr}", ', ""))
    lock = full_lock(manifest)
    expected = alias.replace("100000000004", lock.account_id("prod"))
    assert for_subaccount(manifest, lock, "prod").settings.alias == expected


def test_each_stack_is_told_its_own() -> None:
    """Bootstrap gets the management account's settings, bootstrap-subaccount the member's, as config it reads back."""
    manifest = parsed(SMALL + ALL)
    lock = full_lock(manifest)
    assert for_bootstrap(manifest, lock).settings.alias == "small-root"
    config = for_subaccount(manifest, lock, "dev")
    assert config.settings.budgets[0].limit_usd == 500
    assert config.quotas == (Quota("vpcs", "vpc", "L-F678F1CE", 10, "eu-west-1"),)
    assert '"limit_usd":500' in config.to_config()["fleetyard:settings"]


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (
            'alias: "${organization}_${account.name}"',
            '33:27: the alias of root would be "small_root" (3 more like it), and AWS takes 3 to 63 lower-case',
        ),
        (
            "alias: 's-${account.nmae}'",
            'in the alias of root, audit, prod and 1 more nothing is called "${account.nmae}" (did you mean',
        ),
        ("alias: 's-${account.name'", '33:27: no brace closes "${account.name"'),
        (
            "alias: '${account.name}-${account.stage}'",
            "33:27: ${account.stage} in the alias: root, audit without a stage",
        ),
        (
            "alias: small",
            "33:27: the alias small would be that of root, audit, prod and 1 more; it is unique in AWS",
        ),
        (
            "budgets: {b: {limit_usd: 1}}",
            "33:30: budget b of root, audit, prod and 1 more lacks emails, actual or forecast",
        ),
        ("budgets: {b: {limit_usd: 0}}", "33:45: account_settings.budgets.b.limit_usd must be at least 1"),
        ("budgets: {b: {actual: [0]}}", "33:43: account_settings.budgets.b.actual.0 must be at least 1"),
        ("budgets: {b: {actual: [1000001]}}", "33:43: account_settings.budgets.b.actual.0 must be at most 1000000"),
        ("budgets: {b: {emails: [nobody]}}", "33:43: account_settings.budgets.b.emails.0 must be an email address"),
        ("budgets: {b:c: {}}", 'the name "b:c" must be letters, digits, spaces and _.-, a letter or digit first'),
        (
            "budgets: {b: {limit_usd: 1, actual: [5, 5], emails: [a@b.example]}}",
            "33:60: budget b has 5 in actual twice",
        ),
        (
            "budgets: {b: {limit_usd: 1, actual: [1, 2, 3, 4, 5, 6], forecast: [1, 2, 3, 4, 5], emails: [a@b.de]}}",
            "33:30: budget b has 11 thresholds, actual and forecast together; AWS takes 10",
        ),
        (
            "budgets: {b: {limit_usd: 1, actual: [1], emails: ["
            + ", ".join(f"a{n}@b.example" for n in range(11))
            + "]}}",
            "33:61: budget b tells 11 addresses, AWS 10 at most",
        ),
        (
            f"budgets: {{b: {BUDGET.replace('{', '{whole_organization: true, ')}}}",
            "33:54: a member account sees its own costs only, and this is set in audit, prod, dev",
        ),
        (
            "contacts: {security: {name: A, phone: '1'}}",
            "33:31: the security contact of root, audit, prod and 1 more lacks title, email; AWS wants all four",
        ),
        ("contacts: {secruity: {}}", '33:31: unknown key "secruity" (did you mean "security"?)'),
        ("contacts: {security: {phone: 'call me'}}", "33:49: account_settings.contacts.security.phone must be digits,"),
        ("imdsv2: true, regions: [eu-wset-1]", '33:44: AWS has no region "eu-wset-1" (did you mean "eu-west-1"?)'),
        ("password_policy: {minimum_length: 5}", "33:54: account_settings.password_policy.minimum_length must be at"),
        ("imds_hop_limit: 65", "33:36: account_settings.imds_hop_limit must be at most 64"),
    ],
)
def test_wrong_settings_are_told_with_their_place(block: str, problem: str) -> None:
    """A wrong setting is told where it is written, in words that say what AWS takes."""
    found = problems_of(SMALL + f"account_settings: {{{block}}}\n")
    assert [each for each in found if problem in each], found


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        ("a: {service: vpc, value: 1}", "33:10: quota a of root, audit, prod and 1 more lacks quota"),
        (
            "a: {quota: vpcs}",
            "33:21: quotas.a.quota must be a quota's code as Service Quotas has it, such as L-F678F1CE",
        ),
        (
            "a: {service: v p c}",
            "33:23: quotas.a.service must be a service's code as Service Quotas has it, such as vpc",
        ),
        ("a: {value: 0}", "33:21: quotas.a.value must be more than 0"),
        ("a: {service: vpc, quota: L-F678F1CE, value: 1, regions: [cn-north-1]}", "belongs to another AWS partition"),
        (
            "a: {service: vpc, quota: L-F678F1CE, value: 1}, b: {service: vpc, quota: L-F678F1CE, value: 2}",
            "33:58: a and b ask for one quota, vpc L-F678F1CE",
        ),
        (
            (
                "a: {service: vpc, quota: L-F678F1CE, value: 1}, "
                "b: {service: vpc, quota: L-F678F1CE, value: 2, regions: [us-east-1, eu-west-1]}"
            ),
            "33:58: a and b ask for one quota, vpc L-F678F1CE",
        ),
        ("a: {value: many}", "33:21: quotas.a.value must be a number"),
    ],
)
def test_wrong_quotas_are_told_with_their_place(block: str, problem: str) -> None:
    """A quota without a part, of no quota's form, or asked for twice in one region is told where it is written."""
    found = problems_of(SMALL + f"quotas: {{{block}}}\n")
    assert [each for each in found if problem in each], found


def test_two_accounts_with_one_alias_of_their_own() -> None:
    """Aliases written in two accounts clash at the second one's place."""
    text = SMALL.replace("{email: audit@", "{settings: {alias: same}, email: audit@").replace(
        "stage: dev,", "stage: dev, settings: {alias: same},"
    )
    (problem,) = problems_of(text)
    assert problem.startswith("27:69: the alias same would be that of audit, dev;")


def test_a_problem_of_shared_settings_is_told_once() -> None:
    """What is wrong in a block that all accounts share is told once, for the accounts that differ each."""
    found = problems_of(
        SMALL + "account_settings: {budgets: {b: {limit_usd: 1, actual: [5, 5], emails: [a@b.example]}}}\n"
    )
    assert found == ["33:60: budget b has 5 in actual twice"]


def test_lists_that_only_together_are_too_long() -> None:
    """Addresses of several layers are counted together."""
    ten = ", ".join(f"a{n}@b.example" for n in range(10))
    shared = f"account_settings: {{budgets: {{b: {{limit_usd: 1, actual: [1], emails: [{ten}]}}}}}}\n"
    text = SMALL.replace("stage: dev,", "stage: dev, settings: {budgets: {b: {emails+: [one@b.example]}}},")
    assert [each for each in problems_of(text + shared) if "tells 11 addresses" in each] != []


def test_the_pages_example_is_valid(tmp_path: Path) -> None:
    """The manifest on docs/account-settings.md says what the page says of it."""
    page = (ROOT / "docs" / "account-settings.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    fleet = write_files(tmp_path, {"fleet.yaml": f"imports: [page.yaml]\n{SMALL}", "page.yaml": example})
    manifest = load_manifest(fleet)
    lab, prod = manifest.account("lab").settings, manifest.account("prod").settings
    assert (lab.imdsv2, lab.password_policy, lab.ebs_encryption) == (False, None, True)
    assert (prod.budgets[0].limit_usd, prod.budgets[0].emails) == (
        5000,
        ("finance@acme.example", "oncall@acme.example"),
    )
