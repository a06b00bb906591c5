//! The start page of a mount. It lists the views, and signs in with a one-time code in its address.

use crate::files;
use crate::host::{DevToolsContext, DockView};
use crate::panel::escaped;

const PAGE: &str = include_str!("front_page.html");

/// The link to the inspector.
const INSPECTOR: &str = "<nav aria-label=\"Tools\"><a href=\"__inspector/\">Inspector <small>functions, traffic, sessions</small></a></nav>";

/// Returns the page. `to_root` is the relative path from the mount to the folder that the views' bases start from.
pub(crate) fn document(context: &DevToolsContext, to_root: &str, has_inspector: bool) -> String {
    let bases = context.views().bases();
    let is_only = if bases.len() == 1 && !has_inspector {
        " data-only"
    } else {
        ""
    };
    let docks = context.docks().list();
    let title_of = |base: &str| {
        let of_view = docks
            .iter()
            .find(|entry| matches!(entry.view(), DockView::Iframe(page) if page.url == base));
        of_view.map_or_else(|| base.to_owned(), |entry| entry.title().to_owned())
    };
    let items: Vec<String> = bases
        .iter()
        .map(|base| {
            let address = escaped(&format!("{to_root}{}", base.trim_start_matches('/')));
            let title = escaped(&title_of(base));
            let base = escaped(base);
            format!("  <li><a href=\"{address}\"{is_only}>{title} <small>{base}</small></a>")
        })
        .collect();
    let views = if items.is_empty() {
        "<p>This server has functions, but no views.</p>".to_owned()
    } else {
        format!("<ul aria-label=\"Panels\">\n{}\n</ul>", items.join("\n"))
    };
    let inspector = if has_inspector { INSPECTOR } else { "" };
    let title = escaped(&format!("{} DevTools", files::program_name()));
    PAGE.replace("{title}", title.trim())
        .replace("{inspector}", inspector)
        .replace("{views}", &views)
}
