"""What the session that delegates a zone may do in the account of the parent zone.

Source: Route 53 Developer Guide, "Using IAM policy conditions for fine-grained access control to manage resource record
sets"; Service Authorization Reference, "Actions, resources, and condition keys for Amazon Route 53".
"""

from __future__ import annotations

from landing_zone.documents.statements import Document, document

_CHANGED = "route53:ChangeResourceRecordSets"


def delegation_right(parent: str) -> Document:
    """Return the right to find a zone and to change name server records below it: not its own, and nothing else."""
    return document(
        {
            "Sid": "FindTheZone",
            "Effect": "Allow",
            "Action": ["route53:ListHostedZones", "route53:ListHostedZonesByName"],
            "Resource": "*",
        },
        {
            "Sid": "ReadZones",
            "Effect": "Allow",
            "Action": ["route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource"],
            "Resource": "arn:aws:route53:::hostedzone/*",
        },
        {
            "Sid": "SeeItThrough",
            "Effect": "Allow",
            "Action": "route53:GetChange",
            "Resource": "arn:aws:route53:::change/*",
        },
        {
            "Sid": "Delegate",
            "Effect": "Allow",
            "Action": _CHANGED,
            "Resource": "arn:aws:route53:::hostedzone/*",
            "Condition": {
                "ForAllValues:StringEquals": {f"{_CHANGED}RecordTypes": ["NS"]},
                "ForAllValues:StringLike": {f"{_CHANGED}NormalizedRecordNames": [f"*.{parent}"]},
            },
        },
    )
