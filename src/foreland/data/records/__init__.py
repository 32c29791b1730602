"""Papers, patents and projects: records of publication databases as documents, participations, links and counts."""
