// Comfort only: every page works without this.
import { countdown } from "./countdown.js";
import { device } from "./device.js";
import { forms } from "./forms.js";
import { instant } from "./instant.js";
import { live } from "./live.js";
import { passkeys } from "./passkeys.js";

countdown();
device();
forms();
instant();
live();
passkeys();
