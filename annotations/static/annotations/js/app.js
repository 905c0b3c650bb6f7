/** What every page can do beyond plain forms and links. One behaviour a file; each attaches by data attributes. */
import { attachCopying } from "./copying.js";
import { attachDialogs } from "./dialogs.js";
import { attachForms } from "./forms.js";
import { attachKeys } from "./keys.js";
import { attachList } from "./list.js";
import { attachMenus } from "./menus.js";
import { attachRefusals } from "./refusals.js";
import { attachSelection } from "./selection.js";
import { attachTheme } from "./theme.js";

document.documentElement.classList.add("scripted");
attachCopying(document);
attachDialogs(document);
attachMenus(document);
attachTheme(document);
attachList(document);
attachSelection(document);
attachRefusals(document);
attachForms(document);
attachKeys(document);
