"""What a bid is sealed to, as the public record proves it: for programs that do not take the service's word."""

from procurement.client.offline import Cannot
from procurement.client.offline.fetching import fetch
from procurement.client.offline.proving import NOBODY, prove
from procurement.client.sealing import Asked
from procurement.client.service import Client
from procurement.kernel.cosignature import Quorum
from procurement.kernel.refusal import Refused


def proven(client: Client, tender_id: str, *, key: str = "", keyholder: str = "", witnesses: Quorum = NOBODY) -> Asked:
    """What the next version of a bid is sealed to. All that it rests on stands in entries of the log that everybody can
    read, as `procurement seal fetch` checks it.

    `key` is the log's public key, `keyholder` the keyholder's, "" for those that the service and the log name;
    `witnesses` have to have cosigned that log. Refused("tender-unproven", 422), ("opening-key-wrong", 422),
    ("checkpoint-unwitnessed", 422).
    """
    file = fetch(client, str(client.calls.http.base_url), tender_id)
    try:
        prove(file, key, keyholder, witnesses)
    except Cannot as no:
        raise Refused(no.code, str(no), status=422) from None
    return file.asked()
