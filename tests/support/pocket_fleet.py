"""A fleet of three accounts and one workload: small enough to be deployed in a test."""

POCKET_FLEET = """\
organization: pocket
management_account_id: "100000000009"
region: eu-west-1
callers: {administrator: pocket-administrator, management: pocket-management}
roles:
  Admin: {managed_policies: [AdministratorAccess]}
  ReadOnly: {managed_policies: [ReadOnlyAccess]}
management_roles:
  Management-Admin:
    trusted: {users: [ops], mfa: true}
    state: write
    grants:
      - {roles: [Admin], accounts: ["*"]}
  Management-Developer:
    trusted: {users: [ops], mfa: true}
    state: none
    grants:
      - {roles: [ReadOnly], accounts: [plat-prod]}
units:
  plat:
    accounts:
      core-root: {email: root@pocket.example, management: true}
      plat-prod: {email: prod@pocket.example, vars: {cidr: 10.1.0.0/16}}
      plat-dev: {email: dev@pocket.example, vars: {cidr: 10.2.0.0/16}}
workloads:
  network:
    accounts: ["plat-*"]
    role: Admin
    config: {cidr: "${vars.cidr}", zones: 2}
"""
