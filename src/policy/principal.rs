//! Who a statement speaks about.
//!
//! Source: IAM User Guide, "AWS JSON policy elements: Principal" and
//! "NotPrincipal".

use super::arn;
use super::condition_key::{KeyValue, Keys};
use super::document::{PrincipalElement, PrincipalId};
use super::tri::Tri;

/// What came of a principal element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrincipalMatch {
    /// Whether the statement speaks about the caller.
    pub result: Tri,
    /// True when only the caller's account is named. An Allow then delegates
    /// to that account's own policies and does not allow by itself.
    pub delegated: bool,
}

/// What is known of the caller.
pub struct Caller<'a> {
    keys: &'a Keys<'a>,
    arn: Option<&'a str>,
    account: Option<String>,
}

impl<'a> Caller<'a> {
    /// From `aws:PrincipalArn` and `aws:PrincipalAccount` in the context.
    pub fn new(keys: &'a Keys<'a>) -> Caller<'a> {
        let account = keys.get("aws:PrincipalAccount");
        Caller {
            keys,
            arn: keys.declared_principal(),
            account: account.single().map(str::to_owned),
        }
    }

    /// Whether an element speaks about this caller.
    pub fn matches(&self, element: &PrincipalElement) -> PrincipalMatch {
        let plainly = |result| PrincipalMatch {
            result,
            delegated: false,
        };
        match element {
            PrincipalElement::Missing => plainly(Tri::True),
            PrincipalElement::Not(ids) => plainly(self.is_not(ids)),
            PrincipalElement::Any(ids) => {
                let result = Tri::any(ids.iter().map(|id| self.is(id)));
                let mut matching = ids.iter().filter(|id| self.is(id) == Tri::True);
                PrincipalMatch {
                    result,
                    delegated: result == Tri::True && matching.all(|id| account_of(id).is_some()),
                }
            }
        }
    }

    fn is(&self, id: &PrincipalId) -> Tri {
        match id {
            PrincipalId::Everyone => Tri::True,
            PrincipalId::Aws(text) => self.is_aws(text, account_of(id)),
            PrincipalId::Service(name) => self.is_service(name),
            // A user or a role is no federated principal; its session is.
            PrincipalId::Federated(_) if self.arn.is_some() => Tri::False,
            PrincipalId::Federated(_) | PrincipalId::CanonicalUser(_) => Tri::Unknown,
        }
    }

    fn is_service(&self, name: &str) -> Tri {
        let service = self.keys.get("aws:PrincipalIsAWSService");
        if service.single() == Some("false") {
            return Tri::False;
        }
        match self.keys.get("aws:PrincipalServiceName") {
            KeyValue::Values(names) => Tri::from(names.iter().any(|n| n == name)),
            KeyValue::Absent | KeyValue::Unknown(_) => Tri::Unknown,
        }
    }

    fn is_aws(&self, text: &str, account: Option<&str>) -> Tri {
        if let Some(account) = account {
            return self.is_in(account);
        }
        let Some([.., account, _]) = arn::parts(text) else {
            return self.has_unique_id(text);
        };
        // AWS allows no wildcard within a principal.
        if text.contains('*') {
            return Tri::Unknown;
        }
        let Some(caller) = self.arn else {
            // Another account settles it even without a name.
            return self.is_in(account).and(Tri::Unknown);
        };
        if caller == text {
            return Tri::True;
        }
        match (role_key(text), role_key(caller)) {
            // The role of the caller's session, whatever its path.
            (
                Some(Role { session: false, id }),
                Some(Role {
                    session: true,
                    id: own,
                }),
            ) => Tri::from(id == own),
            // One of the sessions of the caller's role.
            (
                Some(Role { session: true, id }),
                Some(Role {
                    session: false,
                    id: own,
                }),
            ) if id == own => Tri::Unknown,
            _ => Tri::False,
        }
    }

    fn is_in(&self, account: &str) -> Tri {
        match &self.account {
            Some(own) => Tri::from(own == account),
            None => Tri::Unknown,
        }
    }

    /// A unique id such as `AIDA…`, or `AROA…` of a role, whose sessions have
    /// `AROA…:name`.
    fn has_unique_id(&self, id: &str) -> Tri {
        match self.keys.get("aws:userid") {
            KeyValue::Values(own) => Tri::from(
                own.iter()
                    .any(|own| own.split(':').next() == Some(id) || own == id),
            ),
            KeyValue::Absent => Tri::False,
            KeyValue::Unknown(_) => Tri::Unknown,
        }
    }

    /// `NotPrincipal` spares a caller only when all its names are listed: the
    /// account, the user or role, and for a role the session. With some of
    /// them it may deny still.
    fn is_not(&self, ids: &[PrincipalId]) -> Tri {
        if ids.contains(&PrincipalId::Everyone) {
            return Tri::False;
        }
        let Some(caller) = self.arn else {
            return Tri::Unknown;
        };
        let listed: Vec<&PrincipalId> = ids.iter().filter(|id| self.is(id) != Tri::False).collect();
        if listed.is_empty() {
            return Tri::True;
        }
        let is_named = |wanted: &dyn Fn(&str) -> bool| {
            listed
                .iter()
                .any(|id| matches!(id, PrincipalId::Aws(text) if wanted(text)))
        };
        let account = listed.iter().any(|id| account_of(id).is_some());
        let own = is_named(&|text| text == caller);
        let role = role_key(caller).is_none_or(|role| {
            role.session && is_named(&|text| role_key(text).is_some_and(|r| !r.session))
        });
        match account && own && role {
            true => Tri::False,
            false => Tri::Unknown,
        }
    }
}

/// The account that an id or a root ARN stands for.
fn account_of(id: &PrincipalId) -> Option<&str> {
    let PrincipalId::Aws(text) = id else {
        return None;
    };
    if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text);
    }
    match arn::parts(text) {
        Some([_, _, "iam", _, account, "root"]) => Some(account),
        _ => None,
    }
}

/// A role or one of its sessions, by what identifies the role: role names are
/// unique in their account, and a session's ARN does not tell the path.
#[derive(PartialEq)]
struct Role<'a> {
    session: bool,
    id: (&'a str, &'a str),
}

fn role_key(text: &str) -> Option<Role<'_>> {
    let [_, _, _, _, account, resource] = arn::parts(text)?;
    if let Some(path) = resource.strip_prefix("role/") {
        let name = path.rsplit('/').next().unwrap_or(path);
        return Some(Role {
            session: false,
            id: (account, name),
        });
    }
    let (name, _) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
    Some(Role {
        session: true,
        id: (account, name),
    })
}

/// The role behind an assumed-role session's ARN, without the path that the
/// session does not tell.
pub fn role_of_session(text: &str) -> Option<String> {
    let [_, partition, "sts", _, account, resource] = arn::parts(text)? else {
        return None;
    };
    let (name, _) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
    Some(format!("arn:{partition}:iam::{account}:role/{name}"))
}

#[cfg(test)]
mod tests {
    use super::super::operation::Operation;
    use super::super::request::Request;
    use super::*;

    const ROLE: &str = "arn:aws:iam::111122223333:role/ci/Deploy";
    const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Deploy/run-1";
    const USER: &str = "arn:aws:iam::111122223333:user/ann";
    const ROOT: &str = "arn:aws:iam::111122223333:root";

    fn element(ids: &[&str]) -> Vec<PrincipalId> {
        let ids = ids.iter().map(|id| match *id {
            "*" => PrincipalId::Everyone,
            id => PrincipalId::Aws(id.to_owned()),
        });
        ids.collect()
    }

    fn matches(caller: &str, element: &PrincipalElement) -> PrincipalMatch {
        let mut request = Request::new(Operation::put_object(), "b", "k");
        if !caller.is_empty() {
            request = request.with_value("aws:PrincipalArn", caller);
        }
        Caller::new(&Keys::new(&request)).matches(element)
    }

    fn any(caller: &str, ids: &[&str]) -> Tri {
        matches(caller, &PrincipalElement::Any(element(ids))).result
    }

    fn not(caller: &str, ids: &[&str]) -> Tri {
        matches(caller, &PrincipalElement::Not(element(ids))).result
    }

    #[test]
    fn principals() {
        assert_eq!(any("", &["*"]), Tri::True);
        assert_eq!(any("", &[ROLE]), Tri::Unknown);
        assert_eq!(any(USER, &[USER]), Tri::True);
        assert_eq!(any(USER, &[ROLE]), Tri::False);
        assert_eq!(any(SESSION, &[ROLE]), Tri::True);
        assert_eq!(any(ROLE, &[SESSION]), Tri::Unknown);
        assert_eq!(any(USER, &["111122223333"]), Tri::True);
        assert_eq!(any(USER, &["999999999999"]), Tri::False);
        assert_eq!(any(USER, &["AIDAEXAMPLE"]), Tri::Unknown);
        let service = PrincipalElement::Any(vec![PrincipalId::Service("s3.amazonaws.com".into())]);
        assert_eq!(matches("", &service).result, Tri::False);
    }

    #[test]
    fn an_account_delegates() {
        let delegated = |ids| matches(USER, &PrincipalElement::Any(element(ids))).delegated;
        assert!(delegated(&[ROOT]));
        assert!(!delegated(&[ROOT, USER]));
        assert!(!delegated(&["*"]));
    }

    #[test]
    fn not_principals() {
        assert_eq!(not("", &[USER]), Tri::Unknown);
        assert_eq!(not("", &["*"]), Tri::False);
        assert_eq!(not(USER, &[ROLE]), Tri::True);
        assert_eq!(not(USER, &[USER]), Tri::Unknown);
        assert_eq!(not(USER, &[USER, ROOT]), Tri::False);
        assert_eq!(not(SESSION, &[ROLE, ROOT]), Tri::Unknown);
        assert_eq!(not(SESSION, &[ROLE, ROOT, SESSION]), Tri::False);
    }
}
