//! The body of an error: `<Error><Code>…</Code><Message>…</Message>…</Error>`.

use std::borrow::Cow;

use aws_smithy_xml::decode::{try_data, Document, ScopedDecoder};

/// The children of the root element, with their text; nothing of a body that was cut off. Other
/// services of AWS, and servers that follow them, wrap the error: `<ErrorResponse><Error>…`.
pub(crate) fn elements(body: &str) -> Option<Vec<(String, String)>> {
    let body = only_text(body.trim());
    let mut document = Document::new(&body);
    let mut root = document.root_element().ok()?;
    let end = format!("</{}", root.start_el().local());
    let (_, behind) = body.rsplit_once(&end)?;
    if !behind.trim_start().starts_with('>') {
        return None;
    }
    let mut list = Vec::new();
    while let Some(mut child) = root.next_tag() {
        if child.start_el().local() == "Error" {
            while let Some(inner) = child.next_tag() {
                list.extend(named_text(inner));
            }
        } else {
            list.extend(named_text(child));
        }
    }
    Some(list)
}

fn named_text(mut element: ScopedDecoder<'_, '_>) -> Option<(String, String)> {
    let name = element.start_el().local().to_owned();
    let text = try_data(&mut element).ok()?;
    Some((name, text.into_owned()))
}

/// The same without comments and CDATA, which the decoder does not see as text.
fn only_text(body: &str) -> Cow<'_, str> {
    const KINDS: [(&str, &str); 2] = [("<!--", "-->"), ("<![CDATA[", "]]>")];
    if !KINDS.iter().any(|(begin, _)| body.contains(begin)) {
        return body.into();
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    let mut in_tag = false;
    while let Some(at) = rest.find("<!") {
        let (before, special) = rest.split_at(at);
        out.push_str(before);
        if let Some(last) = before.rfind(['<', '>']) {
            in_tag = before[last..].starts_with('<');
        }
        let content = KINDS.iter().find_map(|(begin, end)| {
            let (content, rest) = special.strip_prefix(begin)?.split_once(end)?;
            Some((*begin == "<![CDATA[", content, rest))
        });
        rest = match content.filter(|_| !in_tag) {
            Some((is_data, content, rest)) => {
                if is_data {
                    out.push_str(&content.replace('&', "&amp;").replace('<', "&lt;"));
                }
                rest
            }
            None => {
                out.push_str("<!");
                &special[2..]
            }
        };
    }
    out.push_str(rest);
    out.into()
}

/// Whether a body is an error, whatever the status says.
pub(crate) fn is_error_document(body: &str) -> bool {
    Document::new(body.trim())
        .root_element()
        .is_ok_and(|root| root.start_el().local() == "Error")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_each_of_its_forms() {
        for (body, message) in [
            ("<Error><Message>a</Message></Error>", "a"),
            ("<Error><Message><![CDATA[a]]></Message></Error>", "a"),
            (
                "<Error><Message><![CDATA[<b> & ]]>c</Message></Error>",
                "<b> & c",
            ),
            ("<Error><Message>a<!-- b -->c</Message></Error>", "ac"),
            (
                "<!DOCTYPE x><!-- b --><Error><Message>a</Message></Error>",
                "a",
            ),
            ("<Error><Message>&lt;!--</Message></Error>", "<!--"),
            ("<R><Error><Message>a</Message></Error></R>", "a"),
        ] {
            let list = elements(body).expect(body);
            assert_eq!(list, [("Message".to_owned(), message.to_owned())], "{body}");
        }
        for body in [
            "<Error><Message><![CDATA[</Message>",
            "<Error><Mess<!-- -->age>a</Message></Error>",
        ] {
            assert_eq!(elements(body).unwrap_or_default(), [], "{body}");
        }
    }
}
