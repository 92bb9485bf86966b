use std::collections::HashSet;
use std::sync::LazyLock;

/// What a button or link would do, by its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// Goes on: consent, if the page is about consent at all.
    Proceed,
    /// Consents.
    Approve,
    /// Refuses.
    Deny,
    /// Signs in.
    LogIn,
    /// Something that no part of authorization is: searching, signing out, registering, trying again.
    Elsewhere,
}

/// The meaning of a text, if its words have one. What leads elsewhere and what refuses are looked for first:
/// "Don't allow" and "Cancel authorization" refuse, "Accept cookies" is no consent.
pub(super) fn meaning(text: &str) -> Option<Meaning> {
    let words = words(text);
    [
        (Meaning::Elsewhere, &ELSEWHERE),
        (Meaning::Deny, &DENY),
        (Meaning::LogIn, &LOG_IN),
        (Meaning::Approve, &APPROVE),
        (Meaning::Proceed, &PROCEED),
    ]
    .into_iter()
    .find(|(_, list)| list.occur_in(&words))
    .map(|(meaning, _)| meaning)
}

/// Whether a text has a word of consent among others: "Sign in and allow".
pub(super) fn approves(text: &str) -> bool {
    let words = words(text);
    APPROVE.occur_in(&words)
}

/// Whether a text speaks of access being asked for.
pub(super) fn is_about_consent(text: &str) -> bool {
    let words = words(text);
    ABOUT_CONSENT.occur_in(&words)
}

/// Whether a field's name, id or autocompletion says that it takes a user's name.
pub(super) fn is_username(text: &str) -> bool {
    let text = text.to_lowercase();
    USERNAME.split_ascii_whitespace().any(|word| text.contains(word))
}

/// Whether a checkbox's name or label says that it stands for something that is granted.
pub(super) fn is_grant(text: &str) -> bool {
    let text = text.to_lowercase();
    !text.contains("remember") && GRANT.split_ascii_whitespace().any(|word| text.contains(word))
}

/// Whether a hint is one of the texts as a whole, or part of the words.
pub(super) fn is_match(hint: &str, whole: &[&str], words: &str) -> bool {
    let hint = hint.trim().to_lowercase();
    let is_whole = || whole.iter().any(|text| text.trim().to_lowercase() == hint);
    !hint.is_empty() && (is_whole() || words.to_lowercase().contains(&hint))
}

// Lists of words. `+` joins words that must follow one another, `*` stands for any ending. Entries in scripts
// without spaces between words count wherever they stand.

static ELSEWHERE: Entries = LazyLock::new(|| {
    entries(
        "cookie* log+out logout sign+out signout abmelden déconnexion déconnecter \
    salir uitloggen search* suche* rechercher buscar cerca zoeken try+again retry erneut réessayer reintentar \
    register* registrieren sign+up signup create+account create+an+account inscription registrarse \
    forgot* forgotten reset+password vergessen oublié olvid* subscribe newsletter language sprache langue idioma \
    switch+account change+account change+user different+account another+account not+you use+another \
    continue+with sign+in+with log+in+with login+with weiter+mit anmelden+mit continuer+avec continuar+con \
    resend help hilfe ログアウト 検索 退出 注销 搜索 로그아웃 검색 выйти поиск",
    )
});

static DENY: Entries = LazyLock::new(|| {
    entries(
        "deny denied denies disallow* reject* declin* refus* cancel* abort* no not don disagree \
    disapprove* forbid* block dismiss never abbrechen ablehnen nein verweigern zurückweisen annuler refuser non \
    denegar rechazar cancelar rehusar recusar negar rejeitar não annulla nega rifiuta negare rifiutare weigeren \
    annuleren afwijzen nee avbryt neka avslå nej nei afvis annuller avvis hylkää peruuta ei odmów odrzuć anuluj \
    nie odmítnout zrušit zamítnout iptal reddet hayır отклонить отмена отказать отказаться запретить нет \
    відхилити скасувати 拒否 拒绝 拒絕 キャンセル 許可しない いいえ 取消 不同意 不允许 거부 취소 아니",
    )
});

static LOG_IN: Entries = LazyLock::new(|| {
    entries(
        "log+in login log+on logon sign+in signin log+me+in anmelden anmeldung einloggen \
    connexion connecter identifier+vous iniciar+sesión iniciar acceder entrar ingresar accedi entra inloggen \
    aanmelden logga+in logg+inn log+ind kirjaudu zaloguj přihlásit giriş войти вход увійти \
    ログイン サインイン 登录 登入 登錄 로그인",
    )
});

static APPROVE: Entries = LazyLock::new(|| {
    entries(
        "allow* accept* approv* authoriz* authoris* grant* consent* agree* permit* trust \
    erlauben zulassen zustimmen akzeptieren genehmigen autorisieren gestatten freigeben autoriser accepter \
    approuver permettre consentir permitir autorizar aceptar aprobar conceder aceitar concordar aprovar consenti \
    autorizza accetta approva consentire toestaan accepteren goedkeuren toestemmen tillåt godkänn tillad godkend \
    tillat godta salli hyväksy zezwól zezwalaj akceptuj zatwierdź povolit souhlasím izin onayla \
    разрешить принять одобрить дозволити 許可 同意 承認 允许 允許 授权 授權 接受 허용 동의 승인",
    )
});

static PROCEED: Entries = LazyLock::new(|| {
    entries(
        "continue proceed yes confirm* submit ok okay next go finish done weiter fortfahren \
    ja bestätigen absenden continuer oui confirmer valider suivant continuar sí si confirmar enviar siguiente \
    sim avançar continua sì conferma avanti doorgaan bevestigen volgende fortsätt bekräfta fortsett bekreft \
    fortsæt bekræft jatka kyllä kontynuuj tak potwierdź pokračovat ano devam evet продолжить да подтвердить \
    продовжити так 続行 続ける はい 次へ 确认 確認 继续 繼續 是 계속 확인 예",
    )
});

static ABOUT_CONSENT: Entries = LazyLock::new(|| {
    entries(
        "authoriz* authoris* access* permission* permit* scope* consent* grant* allow* \
    wants requests requesting application app zugriff berechtigung* erlaub* zustimm* anwendung accès \
    autoris* permiso* acceso aplicación permissão acesso permess* accesso toegang toestemming \
    доступ разрешени* アクセス 許可 同意 权限 访问 授权 권한 접근",
    )
});

const USERNAME: &str = "user login log_in email e-mail mail account identifier identity uid signin benutzer \
    utilisateur usuario utente gebruiker";

const GRANT: &str = "scope grant permission consent approve authorize authorise allow claim";

/// Lower-case words; `camelCase`, `snake_case` and `kebab-case` come apart.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for char in text.chars().take(400) {
        let starts_word = !char.is_alphanumeric() || (char.is_uppercase() && was_lower);
        if starts_word && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if char.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(char.to_lowercase());
        }
        was_lower = char.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// A list of what a text is looked through for, taken apart once.
type Entries = LazyLock<List>;

#[derive(Default)]
struct List {
    /// Whole words.
    words: HashSet<&'static str>,
    /// Words, one after another.
    rows: Vec<Vec<&'static str>>,
    /// Beginnings of words.
    stems: Vec<&'static str>,
    /// Of scripts without spaces: anywhere.
    unspaced: Vec<&'static str>,
}

fn entries(text: &'static str) -> List {
    let mut list = List::default();
    for entry in text.split_ascii_whitespace() {
        match entry.strip_suffix('*') {
            _ if entry.chars().any(is_unspaced) => list.unspaced.push(entry),
            Some(stem) => list.stems.push(stem),
            None if entry.contains('+') => list.rows.push(entry.split('+').collect()),
            None => {
                list.words.insert(entry);
            }
        }
    }
    list
}

impl List {
    fn occur_in(&self, words: &[String]) -> bool {
        let occurs = |word: &String| {
            self.words.contains(word.as_str())
                || self.stems.iter().any(|stem| word.starts_with(stem))
                || word.chars().any(is_unspaced) && self.unspaced.iter().any(|text| word.contains(text))
        };
        words.iter().any(occurs)
            || self.rows.iter().any(|row| words.windows(row.len()).any(|seen| seen == row))
    }
}

/// Whether a character is of a script that is written without spaces (Han, kana, hangul endings).
fn is_unspaced(char: char) -> bool {
    matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_of_real_servers() {
        for (text, expected) in [
            ("Authorize", Some(Meaning::Approve)),
            ("Allow access", Some(Meaning::Approve)),
            ("Submit Consent", Some(Meaning::Approve)),
            ("Yes, I agree", Some(Meaning::Approve)),
            ("Don't allow", Some(Meaning::Deny)),
            ("Don’t Allow", Some(Meaning::Deny)),
            ("Do not authorize", Some(Meaning::Deny)),
            ("No, do not allow access", Some(Meaning::Deny)),
            ("[ Cancel ]", Some(Meaning::Deny)),
            ("cancelConsent", Some(Meaning::Deny)),
            ("Continue", Some(Meaning::Proceed)),
            ("Yes", Some(Meaning::Proceed)),
            ("Sign in", Some(Meaning::LogIn)),
            ("kc-login", Some(Meaning::LogIn)),
            ("Log out", Some(Meaning::Elsewhere)),
            ("Accept all cookies", Some(Meaning::Elsewhere)),
            ("Try again", Some(Meaning::Elsewhere)),
            ("Continue with Google", Some(Meaning::Elsewhere)),
            ("Sign up", Some(Meaning::Elsewhere)),
            ("Notify me", None),
            ("Knowledge base", None),
            ("Zugriff erlauben", Some(Meaning::Approve)),
            ("Ablehnen", Some(Meaning::Deny)),
            ("Autoriser l'accès", Some(Meaning::Approve)),
            ("許可する", Some(Meaning::Approve)),
            ("許可しない", Some(Meaning::Deny)),
            ("不同意", Some(Meaning::Deny)),
            ("", None),
        ] {
            assert_eq!(meaning(text), expected, "{text}");
        }
    }

    #[test]
    fn names_of_fields() {
        assert!(is_username("j_username") && is_username("loginEmail") && is_username("identifier"));
        assert!(!is_username("otp") && !is_username("q"));
        assert!(is_grant("grant_scope") && is_grant("scope_openid") && !is_grant("remember_consent"));
    }
}
