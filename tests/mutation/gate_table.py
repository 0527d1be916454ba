"""The gate's own steps: which policies it gathers, whom it recognises, what it tells conditions; one out at a time."""

from __future__ import annotations

from tests.mutation.mutation import Mutation

_GATHERING, _CONTEXT = "rehearsal/twin/gate/decision.py", "rehearsal/twin/gate/request_context.py"
_AUTHORISING, _TRAILS = "rehearsal/twin/gate/authorisation.py", "rehearsal/twin/gate/trails.py"
_STATE, _SIGNATURE = "rehearsal/twin/emulator/aws_state.py", "rehearsal/twin/requests/signature.py"
_SESSIONS, _CONTENTS = "rehearsal/twin/callers/sessions.py", "rehearsal/twin/callers/session_contents.py"
_ASSUMING, _MFA = "rehearsal/twin/callers/assume_role.py", "rehearsal/twin/callers/mfa.py"
_TOKENS, _STS = "rehearsal/twin/callers/web_identity.py", "rehearsal/twin/callers/sts_answers.py"
_SAML, _RESPONSE = "rehearsal/twin/callers/saml.py", "rehearsal/twin/callers/saml_response.py"
_ON_BEHALF, _NOTIFICATIONS = "rehearsal/twin/actions/on_behalf.py", "rehearsal/twin/gate/notifications.py"
_POLICIES, _TABLES = "rehearsal/twin/emulator/resource_policies.py", ("policies_of_tables",)
_NEWCOMERS = "rehearsal/twin/callers/federated_trust.py"

_RULES, _ORGANISATION, _KEYS = ("evaluation",), ("scps_and_rcps",), ("global_keys",)
_SERVICES, _WHO, _LIVES = ("services",), ("credentials",), ("sessions",)
_DOORS, _BY_TOKEN, _BY_SAML = ("assume_role", "trust_and_keys"), ("web_identity",), ("saml",)

GATHERING = (
    Mutation(
        "policies of groups are ignored",
        _GATHERING,
        "            if entity in group.users:\n",
        "            if entity is None:\n",
        _RULES,
    ),
    Mutation(
        "attached policies are ignored, AWS's own aside",
        _GATHERING,
        "        yield policy.arn, default_document(policy)\n",
        "        if ':iam::aws:' in policy.arn:\n            yield policy.arn, default_document(policy)\n",
        _RULES,
    ),
    Mutation(
        "inline policies are ignored, the administrators' aside",
        _GATHERING,
        "    yield from list(entity.policies.items())\n",
        "    yield from [one for one in entity.policies.items() if one[0] == 'AdministratorAccess']\n",
        _RULES,
    ),
    Mutation(
        "the newest version counts, not the default one",
        _STATE,
        "if version.version_id == policy.default_version_id)",
        "if version is policy.versions[-1])",
        _RULES,
    ),
    Mutation(
        "boundaries are not gathered",
        _GATHERING,
        "        boundary=_boundary(caller, entity, state),\n",
        "        boundary=None,\n",
        _RULES,
    ),
    Mutation(
        "session policies are not gathered",
        _GATHERING,
        "        session=_session_policies(caller),\n",
        "        session=None,\n",
        _RULES,
    ),
    Mutation(
        "SCPs bind the management account",
        _STATE,
        "account_id == backend.org.master_account_id:\n            return None",
        "account_id == '':\n            return None",
        _ORGANISATION,
    ),
    Mutation(
        "RCPs bind the management account",
        _STATE,
        "account_id == backend.org.master_account_id:\n            return ()",
        "account_id == '':\n            return ()",
        _ORGANISATION,
    ),
    Mutation(
        "RCPs are the caller's account's",
        _GATHERING,
        "    return _parsed(state.rcps(demand.account_id or caller.account_id), PolicyKind.RCP)",
        "    return _parsed(state.rcps(caller.account_id), PolicyKind.RCP)",
        _ORGANISATION,
    ),
    Mutation(
        "resource policies are not read, trust aside",
        _GATHERING,
        "            resource=resource,\n",
        "            resource=resource if kind is PolicyKind.TRUST else None,\n",
        ("principals",),
    ),
    Mutation(
        "only the first of the rights a request needs is asked for",
        _AUTHORISING,
        "        for demand in demands:\n",
        "        for demand in list(demands)[:1]:\n",
        _RULES,
    ),
    Mutation(
        "RCPs do not bind services",
        _TRAILS,
        "        rcps=_rcps(asked, bucket.account_id),\n",
        "",
        _ORGANISATION,
    ),
    Mutation(
        "RCPs do not bind tokens",
        _NEWCOMERS,
        "                rcps=tuple(cached_policy(",
        "                rcps=()[:0] and tuple(cached_policy(",
        _ORGANISATION,
    ),
)

CONTEXT = (
    *(
        Mutation(f"a service brings no {key}", _TRAILS, f'"{key}"', f'"x:{key}"', _SERVICES)
        for key in ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID")
    ),
    *(
        Mutation(f"there is no {key}", _CONTEXT, f'"{key}"', f'"x:{key}"', _KEYS)
        for key in (
            "aws:RequestedRegion",
            "aws:SourceIp",
            "aws:UserAgent",
            "aws:CurrentTime",
            "aws:EpochTime",
            "aws:ViaAWSService",
            "aws:TokenIssueTime",
            "aws:PrincipalOrgID",
            "aws:ResourceAccount",
            "aws:ResourceOrgID",
            "aws:TagKeys",
            "sts:RoleSessionName",
            "aws:MultiFactorAuthPresent",
        )
    ),
    *(
        Mutation(f"there is no {key}", _CONTEXT, f'"{key}"', f'"x:{key}"', _LIVES)
        for key in ("aws:MultiFactorAuthAge", "aws:SourceIdentity")
    ),
    Mutation("there are no tags of principals", _CONTEXT, 'f"aws:PrincipalTag/', 'f"x:PrincipalTag/', _KEYS),
    Mutation("there are no tags of requests", _CONTEXT, 'f"aws:RequestTag/', 'f"x:RequestTag/', _KEYS),
    Mutation("every request is by TLS", _CONTEXT, '"true" if asked.request.secure else "false"', '"true"', _KEYS),
    Mutation(
        "global services are in the region that was called",
        _CONTEXT,
        "_GLOBAL_SERVICES.get(operation.service) or operation.region",
        "operation.region",
        _KEYS,
    ),
    *(
        Mutation(f"what services do for a caller has no {key}", _ON_BEHALF, f'"{key}"', f'"x:{key}"', ("on_behalf",))
        for key in ("aws:CalledViaFirst", "aws:CalledViaLast", "aws:SourceIp", "aws:ViaAWSService", "kms:ViaService")
    ),
    *(
        Mutation(f"notifications have no {key}", _NOTIFICATIONS, f'"{key}"', f'"x:{key}"', ("notifications",))
        for key in ("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths")
    ),
    *(
        Mutation(
            f"policies of {service} are ignored", _POLICIES, f'    "{service}": _', f'    "x:{service}": _', _TABLES
        )
        for service in ("dynamodb", "events", "kinesis")
    ),
    Mutation(
        "every resource is of the caller's account, to conditions",
        _CONTEXT,
        "    owner = demand.account_id or own\n",
        "    owner = own\n",
        ("trust_and_keys",),
    ),
    Mutation(
        "sessions have MFA",
        _CONTEXT,
        '"true" if session.mfa_at else "false"',
        '"true"',
        _KEYS,
    ),
)

CALLERS = (
    Mutation(
        "an inactive key signs", _SESSIONS, "if found is not None and found.active:", "if found is not None:", _WHO
    ),
    Mutation("an expired session is accepted", _SESSIONS, "if now >= session.expires:", "if now is None:", _WHO),
    Mutation(
        "any token will do",
        _SESSIONS,
        "if not secrets.compare_digest(session.token.encode(), signature.session_token.encode()):",
        "if session.token is None:",
        _WHO,
    ),
    Mutation(
        "no token will do",
        _SESSIONS,
        "        if not signature.session_token:\n",
        "        if signature.session_token is None:\n",
        _WHO,
    ),
    Mutation(
        "a closed account acts",
        _SESSIONS,
        "    if state.is_suspended(known.caller.account_id):\n",
        "    if known is None:\n",
        ("organization_accounts",),
    ),
    Mutation(
        "a session outlives its role",
        _SESSIONS,
        "or role is None or role.id != session.principal_id:",
        "or role is None:",
        _WHO,
    ),
    Mutation(
        "a session outlives its user",
        _SESSIONS,
        "user = state.user_by_id(session.account_id, session.principal_name, session.principal_id)",
        "user = state.user(session.account_id, session.principal_name)",
        _LIVES,
    ),
    Mutation(
        "any secret will do",
        _SIGNATURE,
        "    if not hmac.compare_digest(expected.encode(), signature.value.encode()):\n",
        "    if not expected:\n",
        _WHO,
    ),
    Mutation("signatures do not age", _SIGNATURE, "    _check_age(signature, now)\n", "", _WHO),
    Mutation("headers of AWS may be unsigned", _SIGNATURE, "    _check_signed_headers(request, signature)\n", "", _WHO),
    Mutation(
        "the limit of chained sessions is ignored",
        _ASSUMING,
        "    if asked.caller.kind is CallerKind.ROLE and wish.seconds > _CHAINED_LIMIT:\n",
        "    if asked.caller.kind is None:\n",
        _LIVES,
    ),
    Mutation("MaxSessionDuration is ignored", _STS, "    if seconds > role_limit:\n", "    if seconds < 0:\n", _DOORS),
    Mutation(
        "session tags need no right",
        _ASSUMING,
        "        if wish.tags.needs_right():\n",
        "        if wish.tags is None:\n",
        ("tags",),
    ),
    Mutation(
        "a source identity needs no right",
        _ASSUMING,
        '            self.authorise(asked, replace(demand, action="sts:SetSourceIdentity"))\n',
        "",
        _LIVES,
    ),
    Mutation(
        "session tags do not go along a chain",
        _CONTENTS,
        "{key: value for key, value in own.items() if key.lower() in kept}",
        "{}",
        ("tags",),
    ),
    Mutation(
        "all session tags go along a chain",
        _CONTENTS,
        "{key: value for key, value in own.items() if key.lower() in kept}",
        "dict(own)",
        ("tags",),
    ),
    Mutation(
        "any MFA code will do",
        _MFA,
        "        if step is None:\n",
        "        if step == -1:\n",
        ("assume_role", "sessions"),
    ),
    Mutation(
        "another user's device will do",
        _MFA,
        "or device is None or self.serial not in user.mfa_devices:",
        "or device is None:",
        ("assume_role",),
    ),
    Mutation(
        "a code is good twice", _MFA, "if used is not None and not used.use", "if used is None and not used.use", _LIVES
    ),
    Mutation(
        "a users session without MFA calls IAM",
        _AUTHORISING,
        'if operation.service == "iam" and (federated or',
        'if operation.service == "-" and (federated or',
        ("assume_role",),
    ),
    Mutation(
        "a token of another audience will do",
        _TOKENS,
        "        if set(token.audiences).isdisjoint(provider.client_id_list):\n",
        "        if token is None:\n",
        _BY_TOKEN,
    ),
    Mutation(
        "an expired token will do",
        _TOKENS,
        "if expires <= now.timestamp():",
        "if expires <= 0:",
        _BY_TOKEN,
    ),
    Mutation(
        "a token signed by anybody will do",
        _TOKENS,
        "if not any(_signed_by(key, token) for key in keys",
        "if not any(key for key in keys",
        _BY_TOKEN,
    ),
    Mutation(
        "a SAML response for another audience will do",
        _SAML,
        "    if not any(each in _AUDIENCES or _RECIPIENT.fullmatch(each) for each in assertion.audiences):\n",
        "    if not assertion.audiences:\n",
        _BY_SAML,
    ),
    Mutation(
        "a SAML response for other roles will do",
        _SAML,
        "    if tuple(sorted((role_arn, provider_arn))) not in pairs:\n",
        "    if not pairs:\n",
        _BY_SAML,
    ),
    Mutation(
        "an expired SAML response will do",
        _SAML,
        "    if any(now >= end for end in ends):\n",
        "    if not ends:\n",
        _BY_SAML,
    ),
    Mutation(
        "a SAML response of another issuer will do",
        _SAML,
        "        if response.issuer != metadata.entity_id:\n",
        "        if not response.issuer:\n",
        _BY_SAML,
    ),
    Mutation(
        "a SAML response that nobody signed will do",
        _RESPONSE,
        '            raise BadSignature("nothing of it is signed")\n',
        "            found = self.root\n",
        _BY_SAML,
    ),
)

GATE = (*GATHERING, *CONTEXT, *CALLERS)
