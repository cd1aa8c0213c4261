//! ARNs are compared part by part: a wildcard never reaches over a colon,
//! except in the last part, which may hold colons itself.

use super::glob::{matches, Token};
use super::tri::Tri;

/// `arn:partition:service:region:account:resource`.
const PARTS: usize = 6;

/// The six parts, or `None` when the text is not an ARN.
pub fn parts(text: &str) -> Option<[&str; PARTS]> {
    let mut split = text.splitn(PARTS, ':');
    let mut parts = [""; PARTS];
    for part in &mut parts {
        *part = split.next()?;
    }
    (parts.first() == Some(&"arn")).then_some(parts)
}

/// Splits a pattern at its first five colons.
pub fn pattern_parts(pattern: &[Token]) -> Vec<&[Token]> {
    pattern
        .splitn(PARTS, |&token| token == Token::Char(':'))
        .collect()
}

/// How a text compares with an ARN pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArnMatch {
    /// Every part matches.
    Yes,
    /// Both are ARNs and some part does not match.
    No,
    /// One of the two is not an ARN. Positive operators do not match; how a
    /// negated operator takes it, evaluators disagree on.
    NotAnArn,
}

/// Compares part by part. A lone `*` stands for every ARN.
pub fn compare(pattern: &[Token], text: &str) -> ArnMatch {
    let Some(text_parts) = parts(text) else {
        return ArnMatch::NotAnArn;
    };
    if pattern == [Token::Any] {
        return ArnMatch::Yes;
    }
    let pattern_parts = pattern_parts(pattern);
    if pattern_parts.len() != PARTS {
        return ArnMatch::NotAnArn;
    }
    let mut pairs = pattern_parts.iter().zip(text_parts);
    match pairs.all(|(pattern, part)| matches(pattern, part)) {
        true => ArnMatch::Yes,
        false => ArnMatch::No,
    }
}

/// Whether a `Resource` element covers an ARN. S3 refuses a resource that is
/// no ARN; such a pattern is unknown where it could be meant to match.
pub fn covers(pattern: &[Token], arn: &str) -> Tri {
    match compare(pattern, arn) {
        ArnMatch::Yes => Tri::True,
        ArnMatch::No => Tri::False,
        ArnMatch::NotAnArn if matches(pattern, arn) => Tri::Unknown,
        ArnMatch::NotAnArn => Tri::False,
    }
}

#[cfg(test)]
mod tests {
    use super::super::glob::tokens;
    use super::*;

    fn is(pattern: &str, text: &str) -> ArnMatch {
        compare(&tokens(pattern).collect::<Vec<_>>(), text)
    }

    #[test]
    fn part_by_part() {
        let key = "arn:aws:kms:us-east-1:111122223333:key/1";
        assert_eq!(is("arn:aws:kms:*:111122223333:key/*", key), ArnMatch::Yes);
        assert_eq!(is("arn:*:kms:*:*:*", key), ArnMatch::Yes);
        assert_eq!(is("arn:aws:kms:*:key/1", key), ArnMatch::NotAnArn);
        assert_eq!(
            is("arn:aws:kms:us-*3:111122223333:key/1", key),
            ArnMatch::No
        );
        assert_eq!(is("*", key), ArnMatch::Yes);
        assert_eq!(is("arn:aws:kms:*:*:alias/*", key), ArnMatch::No);
        assert_eq!(
            is("arn:aws:s3:::b/a:*", "arn:aws:s3:::b/a:c:d"),
            ArnMatch::Yes
        );
        assert_eq!(is("*", "alias/state"), ArnMatch::NotAnArn);
    }

    #[test]
    fn resources() {
        let covers = |pattern: &str, arn| covers(&tokens(pattern).collect::<Vec<_>>(), arn);
        assert_eq!(covers("arn:aws:s3:::b/*", "arn:aws:s3:::b/k"), Tri::True);
        assert_eq!(covers("arn:aws:s3:::B/*", "arn:aws:s3:::b/k"), Tri::False);
        assert_eq!(
            covers("arn:aws:s3:::b/*", "arn:aws-cn:s3:::b/k"),
            Tri::False
        );
        assert_eq!(covers("arn:aws:s3*", "arn:aws:s3:::b/k"), Tri::Unknown);
        assert_eq!(covers("b/*", "arn:aws:s3:::b/k"), Tri::False);
    }
}
