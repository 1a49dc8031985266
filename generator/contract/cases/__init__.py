"""Examples made from the evidence, entry by entry, which must pass or must not: they can convict a document.

Nothing here reads a schema of the document. What a reply or a request may hold is taken from the rows of the page in
their own words, from observations, facts and decisions; the values around it come from recordings.
"""

from generator.contract.cases.case import Case, Expected, Told
from generator.contract.cases.making import Demands, Judge

__all__ = ["Case", "Demands", "Expected", "Judge", "Told"]
