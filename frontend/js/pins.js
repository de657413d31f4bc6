// Keys that a person knows from elsewhere, typed into fields that have no names and so are never sent.

// { ledger, keyholder, witnesses, needed } of the fields in `root`; "", none and 0 (all) where nothing is typed.
export function pinsOf(root) {
  const typed = (name) => root.querySelector(`[data-pin-${name}]`)?.value.trim() ?? "";
  const witnesses = typed("witnesses").split(/\s+/).filter(Boolean);
  return { ledger: typed("ledger"), keyholder: typed("keyholder"), witnesses, needed: Number(typed("needed")) };
}
