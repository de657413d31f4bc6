"""The key holders of the practice republic. Anybody may take their keys: nothing real is ever locked to them."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from procurement.demo.script import Holder
from procurement.demo.theatre import Theatre
from procurement.holders import practice
from procurement.holders import service as holders
from procurement.holders.offline import public_half
from procurement.holders.rules.keys import read_out
from procurement.infra.tx import Tx
from procurement.kernel.ids import new_id
from procurement.kernel.permissions import Role
from procurement.kernel.sealing.holder_key import HolderKey, new_holder_key
from procurement.kernel.sealing.possession import answer_challenge
from procurement.kernel.sealing.roster import Roster, sign_roster
from procurement.tenders import service as tenders


class Keyring:
    """The keys of everybody who holds one here, made when first asked for."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre
        self.held: dict[Holder, HolderKey] = {}

    async def lock(self, buyer: str, tender_id: str, quorum: int, seats: Sequence[Holder]) -> Roster:
        """Level S2 for a draft: these holders prove their keys and sign; any `quorum` of them open."""
        keys = [await self._proved(seat) for seat in seats]
        async with self.theatre.acting(buyer, Role.OFFICER) as tx:
            chosen = await tenders.choose_seal(tx, tender_id, "S2", quorum, [key.holder for key in keys])
        assert chosen
        for seat, key in zip(seats, keys, strict=True):
            async with self._acting(seat) as tx:
                await holders.sign(tx, tender_id, chosen.sha256, sign_roster(key.private, chosen.roster))
        return chosen.roster

    async def _proved(self, seat: Holder) -> HolderKey:
        key = self.held.get(seat)
        if key is None:
            return await self._made(seat)
        await self._prove(seat, key)
        return key

    async def _made(self, seat: Holder) -> HolderKey:
        """A new key, which the owner of the organisation hears and confirms; its file is for everybody."""
        self.held[seat] = key = new_holder_key(new_id())
        practice.save(Path(self.theatre.settings.data), key)
        async with self._acting(seat) as tx:
            await holders.enrol(tx, seat.office, public_half(key))
        await self._prove(seat, key)
        async with self.theatre.acting(seat.organisation, Role.OWNER) as tx:
            await holders.confirm(tx, key.holder, read_out((await holders.holder(tx, key.holder)).fingerprint))
        return key

    async def _prove(self, seat: Holder, key: HolderKey) -> None:
        async with self._acting(seat) as tx:
            asked = await holders.ask(tx)
            await holders.answer(tx, asked.id, answer_challenge(asked.sealed, key.identity, key.holder))

    def _acting(self, seat: Holder) -> AbstractAsyncContextManager[Tx]:
        return self.theatre.acting(seat.organisation, Role.KEY_HOLDER, seat.number)
