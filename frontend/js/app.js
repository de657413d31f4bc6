// Comfort only: every page works without this.
import { countdown } from "./countdown.js";
import { forms } from "./forms.js";
import { instant } from "./instant.js";
import { live } from "./live.js";
import { passkeys } from "./passkeys.js";

countdown();
forms();
instant();
live();
passkeys();
