"""How PostgreSQL is to plan a search: for the very words that are asked for, and by the index of words."""

from sqlalchemy import func, select

from procurement.infra.tx import Tx

SETTINGS = {
    # A prepared statement's generic plan knows neither how common a word is, nor would it read a query only once.
    "plan_cache_mode": "force_custom_plan",
    "jit": "off",  # takes longer than any search
    "max_parallel_workers_per_gather": "0",  # starting a helper does too
    "random_page_cost": "1.1",  # what is searched lies in memory: one index more to read costs more than the rows
}
BY_WORDS = "enable_seqscan"  # reading rows one by one until enough have a word looks cheap, and seldom is


async def plan(tx: Tx, *, by_words: bool) -> None:
    """For the statements that follow in this transaction, at no more than the cost of one that reads nothing."""
    wanted = {**SETTINGS, BY_WORDS: "off" if by_words else "on"}
    await tx.session.execute(select(*(func.set_config(name, value, True) for name, value in wanted.items())))
