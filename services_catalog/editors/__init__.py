"""The editors' work: drafts, revisions, publications, checks, and what tells them what to do."""
