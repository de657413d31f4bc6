"""Countries as people choose them."""

from procurement.infra.countries import choices


def test_a_country_is_chosen_by_its_name_and_the_alphabet_knows_accents() -> None:
    listed = choices("en")
    assert ("PT", "Portugal") in listed and ("KE", "Kenya") in listed
    assert [code for code, _ in listed].index("AX") < 20, "Åland stands under A"
    assert not {"XM", "ZZ", "EU", "UN"} & {code for code, _ in listed}, "these are no countries"


def test_a_practice_republic_comes_first_under_a_code_for_private_use() -> None:
    assert choices("en", "Republic of Marrow")[0] == ("XM", "Republic of Marrow")
    assert ("XM", "Republic of Marrow") not in choices("en")
