//! The body of an error: `<Error><Code>…</Code><Message>…</Message>…</Error>`.

use aws_smithy_xml::decode::{try_data, Document};

/// The children of the root element, with their text; nothing of a body that was cut off.
pub(crate) fn elements(body: &str) -> Option<Vec<(String, String)>> {
    let body = body.trim();
    let mut document = Document::new(body);
    let mut root = document.root_element().ok()?;
    let end = format!("</{}", root.start_el().local());
    let (_, behind) = body.rsplit_once(&end)?;
    if !behind.trim_start().starts_with('>') {
        return None;
    }
    let mut list = Vec::new();
    while let Some(mut child) = root.next_tag() {
        let name = child.start_el().local().to_owned();
        if let Ok(text) = try_data(&mut child) {
            list.push((name, text.into_owned()));
        }
    }
    Some(list)
}

/// Whether a body is an error, whatever the status says.
pub(crate) fn is_error_document(body: &str) -> bool {
    Document::new(body.trim())
        .root_element()
        .is_ok_and(|root| root.start_el().local() == "Error")
}
