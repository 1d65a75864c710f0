"""The columns of the NPPES monthly and weekly files, in their order."""

from __future__ import annotations

_ADDRESS = (
    "Provider First Line Business {} Address",
    "Provider Second Line Business {} Address",
    "Provider Business {} Address City Name",
    "Provider Business {} Address State Name",
    "Provider Business {} Address Postal Code",
    "Provider Business {} Address Country Code (If outside U.S.)",
    "Provider Business {} Address Telephone Number",
    "Provider Business {} Address Fax Number",
)
_TAXONOMY = (
    "Healthcare Provider Taxonomy Code_{}",
    "Provider License Number_{}",
    "Provider License Number State Code_{}",
    "Healthcare Provider Primary Taxonomy Switch_{}",
)
_IDENTIFIER = (
    "Other Provider Identifier_{}",
    "Other Provider Identifier Type Code_{}",
    "Other Provider Identifier State_{}",
    "Other Provider Identifier Issuer_{}",
)
TAXONOMIES = range(1, 16)

# The layout of August 2018; one column more, "Certification Date", has followed since 2020.
COLUMNS: tuple[str, ...] = (
    "NPI",
    "Entity Type Code",
    "Replacement NPI",
    "Employer Identification Number (EIN)",
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    "Provider First Name",
    "Provider Middle Name",
    "Provider Name Prefix Text",
    "Provider Name Suffix Text",
    "Provider Credential Text",
    "Provider Other Organization Name",
    "Provider Other Organization Name Type Code",
    "Provider Other Last Name",
    "Provider Other First Name",
    "Provider Other Middle Name",
    "Provider Other Name Prefix Text",
    "Provider Other Name Suffix Text",
    "Provider Other Credential Text",
    "Provider Other Last Name Type Code",
    *(column.format("Mailing") for column in _ADDRESS),
    *(column.format("Practice Location") for column in _ADDRESS),
    "Provider Enumeration Date",
    "Last Update Date",
    "NPI Deactivation Reason Code",
    "NPI Deactivation Date",
    "NPI Reactivation Date",
    "Provider Gender Code",
    "Authorized Official Last Name",
    "Authorized Official First Name",
    "Authorized Official Middle Name",
    "Authorized Official Title or Position",
    "Authorized Official Telephone Number",
    *(column.format(number) for number in TAXONOMIES for column in _TAXONOMY),
    *(column.format(number) for number in range(1, 51) for column in _IDENTIFIER),
    "Is Sole Proprietor",
    "Is Organization Subpart",
    "Parent Organization LBN",
    "Parent Organization TIN",
    "Authorized Official Name Prefix Text",
    "Authorized Official Name Suffix Text",
    "Authorized Official Credential Text",
    *(f"Healthcare Provider Taxonomy Group_{number}" for number in TAXONOMIES),
)
