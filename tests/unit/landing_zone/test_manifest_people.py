"""What a manifest may say of people, groups, last-resort users and pipelines, and what is refused of it."""

from __future__ import annotations

import pytest

from landing_zone.errors import PolicyTooLarge
from landing_zone.people import Group, Issuer, PeopleTrust, Person, PipelineTrust
from tests.unit.landing_zone.fleets import parsed, problems_of
from tests.unit.landing_zone.people_fleets import CI, LAST_RESORT, PEOPLE, with_people

GITHUB = "token.actions.githubusercontent.com"
GITLAB = """\
ci:
  gitlab:
    host: gitlab.small.example
    existing: true
    projects:
      small/infra/fleet:
        apply: {role: Management-Apply, branches: [main]}
"""


def test_people_and_their_groups() -> None:
    """Groups and people are read with every name resolved, in the account that holds users."""
    people = parsed(with_people()).people
    read_only = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    assert people.account == "audit"
    assert people.groups["Developers"] == Group("Developers", ("Management-Developer",), (read_only,))
    assert people.users["ana"] == Person("ana", ("Developers", "Operators"), {"team": "core"})
    assert people.who_becomes("Management-Developer") == ("ana", "bob")
    assert people.who_becomes("Management-Plan") == ()


def test_without_an_account_the_management_account_holds_users() -> None:
    """People are in the management account unless another one is named."""
    text = with_people(PEOPLE.replace("  account: audit\n", ""))
    assert parsed(text).people.account == "root"


def test_roles_trust_the_groups_that_name_them() -> None:
    """A management role is trusted by group, beside whatever its own `trusted` says."""
    roles = parsed(with_people()).management_roles
    assert roles["Management-Admin"].trust.people == PeopleTrust(("Operators",))
    assert roles["Management-Admin"].trust.users == ("ops",)
    assert roles["Management-Plan"].trust.people is None


def test_pipelines_are_limited_to_repository_and_ref() -> None:
    """Each kind of run becomes one subject; a role is trusted with exactly those that name it."""
    manifest = parsed(with_people())
    assert manifest.pipelines.issuers == (Issuer(GITHUB, "sts.amazonaws.com"),)
    plan = ("repo:small/fleet:pull_request", "repo:small/fleet:ref:refs/heads/*")
    apply = ("repo:small/fleet:ref:refs/heads/main", "repo:small/fleet:environment:production")
    trusts = {role.name: role.trust.pipelines for role in manifest.management_roles.values()}
    assert trusts == {
        "Management-Admin": (),
        "Management-Developer": (),
        "Management-Plan": (PipelineTrust(GITHUB, "sts.amazonaws.com", plan),),
        "Management-Apply": (PipelineTrust(GITHUB, "sts.amazonaws.com", apply),),
    }


def test_a_repository_with_its_immutable_ids() -> None:
    """A repository is named as GitHub's tokens name it, with the ids where they have them."""
    manifest = parsed(with_people(ci=CI.replace("small/fleet:", "small@12/fleet@34:")))
    (trust,) = manifest.management_roles["Management-Plan"].trust.pipelines
    assert trust.subjects[0] == "repo:small@12/fleet@34:pull_request"


def test_gitlab_with_a_host_of_ones_own() -> None:
    """A project's branch is one subject of that host's tokens; a provider that exists is not made."""
    ci = GITLAB + '        plan: {role: Management-Plan, branches: ["*"]}\n'
    manifest = parsed(with_people(ci=ci))
    assert manifest.pipelines.issuers == (Issuer("gitlab.small.example", "https://gitlab.com", existing=True),)
    subject = "project_path:small/infra/fleet:ref_type:branch:ref:main"
    (trust,) = manifest.management_roles["Management-Apply"].trust.pipelines
    assert trust.subjects == (subject,)


def test_use_is_looked_for_in_every_region_that_is_always_enabled() -> None:
    """The fleet's region comes first, then all that a user can sign in to; regions of one's own are added."""
    text = with_people(last_resort=LAST_RESORT.replace("example}", "example, regions: [ap-east-1]}"))
    regions = parsed(text).last_resort.regions
    assert regions[0] == "eu-west-1"
    assert regions[-1] == "ap-east-1"
    assert len(set(regions)) == len(regions) == 18


def test_a_manifest_without_any_of_it() -> None:
    """Nothing is made of blocks that are not there."""
    manifest = parsed()
    assert not manifest.people.account
    assert not manifest.last_resort.users
    assert not manifest.pipelines.issuers


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("account: audit", "account: adit", 'no account is called "adit" (did you mean "audit"?)'),
        ("[Management-Admin]", "[Management-Amin]", 'no management role is called "Management-Amin"'),
        ("bob: {groups: [Developers]}", "bob: {groups: [Developer]}", 'no group is called "Developer"'),
        ("bob: {groups: [Developers]}", "bob: {groups: []}", "people.users.bob.groups must have at least 1"),
        ("bob:", "ANA:", "ana and ANA are one name to AWS, which ignores case"),
        ("{team: core}", '{"fleetyard:groups": x}', "the tag fleetyard:groups is not yours to give"),
        ("{team: core}", "{team: core, Team: x}", "team and Team are one name to AWS, which ignores case"),
        ("{team: core}", "{te*m: core}", "the tag \"te*m\" has '*'; IAM takes letters, digits, spaces and _.:/=+-@"),
        ("{team: core}", "{team: 'c,re'}", "the value of the tag team has ','; IAM takes letters, digits, spaces and"),
        (
            "{team: core}",
            f"{{{', '.join(f't{number}: x' for number in range(50))}}}",
            "50 tags, and IAM takes 49 beside the one that Fleetyard gives",
        ),
        ("[IAMReadOnlyAccess]", "[IAMReadOnlyAccess, IAMReadOnlyAccess]", "IAMReadOnlyAccess stands here twice"),
        ("[Management-Admin]", "[Management-Admin, Management-Admin]", "Management-Admin stands here twice"),
        (
            "    Operators:",
            "    fleetyard-own: {management_roles: [Management-Admin]}\n    Operators:",
            '"fleetyard-own": names that begin with fleetyard- are Fleetyard\'s own',
        ),
        ("Operators:", '"Ops,Dev":', 'the name "Ops,Dev" must be letters, digits and _+=.@-'),
    ],
)
def test_mistakes_in_people(old: str, new: str, problem: str) -> None:
    """Names that nothing has, and names that AWS would not take or tell apart, are told with their place."""
    text = with_people(PEOPLE.replace(old, new))
    assert text != with_people()
    assert any(problem in found for found in problems_of(text)), problems_of(text)


def test_groups_whose_names_do_not_fit_into_a_tag() -> None:
    """The tag that holds a person's groups takes 256 characters."""
    long = {letter * 100: "{management_roles: [Management-Admin]}" for letter in "ABC"}
    groups = "".join(f"    {name}: {block}\n" for name, block in long.items())
    text = PEOPLE.replace("  users:\n", f"{groups}  users:\n").replace("[Developers]}\n", f"[{', '.join(long)}]}}\n")
    (problem,) = problems_of(with_people(text))
    assert "the names of bob's groups have 304 characters with colons between them; the tag" in problem


def test_somebody_trusted_by_name_and_by_group() -> None:
    """A person of the management account is named in groups: a role that trusts them would have to come after them."""
    people = PEOPLE.replace("  account: audit\n", "").replace("bob:", "ops:")
    problems = problems_of(with_people(people))
    assert len(problems) == 2
    assert "ops stands under people: name Management-Admin in a group of theirs instead" in problems[0]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("last-resort-2", "ana", "ana stands under people as well; a last-resort user is nobody's own"),
        ("last-resort-2", "last-resort-1", "last-resort-1 stands here twice"),
        ("last-resort-2", "Last-resort-1", "last-resort-1 and Last-resort-1 are one name to AWS, which ignores case"),
        ("last-resort-2", "Ops", "Ops is trusted by Management-Developer; a last-resort user is made here"),
        ("security@small.example", "nobody", "last_resort.alarm.email must be an email address"),
        ("example}", "example, regions: [eu-west-9]}", 'AWS has no region "eu-west-9"'),
    ],
)
def test_mistakes_in_last_resort_users(old: str, new: str, problem: str) -> None:
    """A last-resort user is nobody else, and somebody is told of its use."""
    (found,) = problems_of(with_people(last_resort=LAST_RESORT.replace(old, new)))
    assert problem in found


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("small/fleet:", '"small/*":', "never a pattern, which would let other repositories in"),
        ("small/fleet:", '"*/fleet":', "never a pattern, which would let other repositories in"),
        ("small/fleet:", "fleet:", "must be one repository, OWNER/NAME"),
        ("[main]", '["*"]', "must be a branch by its whole name"),
        ("[main]", '["release/*"]', "must be a branch by its whole name"),
        ("[production]", '["prod:*"]', "must be a deployment environment's name"),
        ("[main], environments: [production]}", "[main], pull_requests: true}", 'unknown key "pull_requests"'),
        ("role: Management-Plan", "role: Management-Pln", 'no management role is called "Management-Pln"'),
        ("role: Management-Plan", "role: Management-Apply", "Management-Apply applies: what may plan with it could"),
        ("role: Management-Plan", "role: Management-Admin", "Management-Admin may write state; a role that plans has"),
        ("[main]", "[refs/heads/main]", '"refs/heads/main" is no branch, which has neither refs/heads/ nor / before'),
        ("[main]", "[/main]", "nor / before its name: write main"),
        ('["*"]', '["refs/heads/*"]', "nor / before its name: write *"),
        (
            "    repositories:",
            "    audience: a b\n    repositories:",
            "ci.github.audience must be the tokens' audience",
        ),
        (
            "    repositories:",
            f"    audience: {'a' * 256}\n    repositories:",
            "ci.github.audience is too long: 256 characters, AWS takes 255",
        ),
        (', pull_requests: true, branches: ["*"]', "", "nothing becomes Management-Plan: say which branches"),
    ],
)
def test_mistakes_in_pipelines(old: str, new: str, problem: str) -> None:
    """Nothing that would let other repositories in, or a plan apply, gets past validation."""
    text = with_people(ci=CI.replace(old, new))
    assert text != with_people()
    assert any(problem in found for found in problems_of(text)), problems_of(text)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("host: gitlab.small.example", f"host: {GITHUB}", f"{GITHUB} is the host of github and of gitlab"),
        (
            ", branches: [main]",
            "",
            'ci.gitlab.projects.small/infra/fleet.apply lacks "branches"',
        ),
        ("{role: Management-Apply, branches: [main]}", "[a]", "apply must hold keys and values"),
    ],
)
def test_mistakes_with_two_issuers(old: str, new: str, problem: str) -> None:
    """GitHub and GitLab are two providers, and what is wrong with a pipeline is told once."""
    assert old in GITLAB
    found = problems_of(with_people(ci=CI + GITLAB.replace("ci:\n", "").replace(old, new)))
    assert len(found) == 1
    assert problem in found[0]


def test_pipelines_of_nobody() -> None:
    """An empty block, and a repository that may nothing, are told."""
    empty = CI.partition("        plan:")[0].rstrip("\n") + " {}\n"
    assert any("small/fleet may nothing: give plan or apply" in found for found in problems_of(with_people(ci=empty)))
    assert any(
        "ci names no pipelines: give github or gitlab" in found for found in problems_of(with_people(ci="ci: {}\n"))
    )


@pytest.mark.parametrize("ci", ["ci: x\n", "ci: {github: x}\n", "ci: {github: {repositories: [x]}}\n"])
def test_pipelines_that_cannot_be_read(ci: str) -> None:
    """Whether somebody becomes a role is not told while what may say so has the wrong type."""
    (problem,) = problems_of(with_people(ci=ci))
    assert "must hold keys and values" in problem


def test_a_role_that_nobody_may_become() -> None:
    """A role without `trusted` has to be named by a group or a pipeline."""
    problems = problems_of(with_people(ci=""))
    assert len(problems) == 2
    assert (
        "nobody may become Management-Plan: give trusted.users, saml, oidc or identity_center, or name it"
        in problems[0]
    )


def test_a_group_with_more_roles_than_fit() -> None:
    """A group's policy is measured against what IAM takes before anything is started."""
    names = [f"Management-{'x' * 40}-{number}" for number in range(60)]
    roles = "".join(f"  {name}:\n    state: none\n    trusted: {{users: [ops]}}\n" for name in names)
    text = with_people(PEOPLE.replace("[Management-Admin]", f"[{', '.join(names)}]"))
    text = text.replace("  Management-Plan:\n", f"{roles}  Management-Plan:\n", 1)
    with pytest.raises(PolicyTooLarge, match="policy of group Operators"):
        parsed(text)
