"""Our procurements as Open Contracting Data Standard 1.1 says them, with the bid and lots extensions."""
