/** What every page can do beyond plain forms and links. Each module is one behaviour, attached by data attributes. */
import { attachCheckboxes } from "./checkboxes.js";
import { attachClipboard } from "./clipboard.js";
import { attachDialogs } from "./dialogs.js";
import { attachForms } from "./forms.js";
import { attachKeys } from "./keys.js";
import { attachListNavigation } from "./list_navigation.js";
import { attachMenus } from "./menus.js";
import { attachRefusals } from "./refusals.js";
import { attachSecurityKeys } from "./security_keys.js";
import { attachTheme } from "./theme.js";

document.documentElement.classList.add("scripted");
attachClipboard(document);
attachDialogs(document);
attachMenus(document);
attachTheme(document);
attachListNavigation(document);
attachCheckboxes(document);
attachRefusals(document);
attachSecurityKeys(document);
attachForms(document);
attachKeys(document);
