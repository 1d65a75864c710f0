"""The provider directory: loaded from Plan-Net FHIR, repaired on the way, searched in SQL."""
