use super::super::record::Record;
use super::super::text::count;
use super::super::threats::{open_threats, opened_by, repairs};
use super::page::{Page, Style};

/// Threats that are told in full; the rest is counted.
const TOLD: usize = 12;

/// What an attacker can do now, and what to repair first; nothing where nothing is open.
pub(super) fn tell(page: &mut Page, record: &Record) {
    let Some(run) = &record.run else { return };
    let broken = record.not_kept();
    let open = open_threats(&run.threats, &broken);
    if open.is_empty() {
        return;
    }
    page.heading("What an attacker can do now");
    page.gap();
    for threat in open.iter().take(TOLD) {
        page.prose(
            2,
            &[(Style::Bad, &threat.title), (Style::Plain, ": ")],
            Style::Plain,
            &format!("{} ({})", threat.attack, threat.sources.join("; ")),
        );
        page.prose(6, &[], Style::Faint, &opened_by(threat, &broken).join(", "));
    }
    if open.len() > TOLD {
        let more = format!("and {} more; the JSON report has them all.", count(open.len() - TOLD, "threat"));
        page.prose(2, &[], Style::Faint, &more);
    }
    page.gap();
    page.prose(2, &[(Style::Strong, "To repair first:")], Style::Plain, "");
    for (number, repair) in repairs(&open, &broken).iter().enumerate() {
        for (index, id) in repair.requirements.iter().enumerate() {
            let summary = record.requirement(id).map_or("", |r| r.summary.as_str());
            let head = if index == 0 { format!("{}. {id}", number + 1) } else { format!("   {id}") };
            page.prose(4, &[(Style::Strong, &head), (Style::Plain, " · ")], Style::Plain, summary);
        }
        let closes =
            format!("closes {} of {}: {}", repair.closes.len(), open.len(), repair.closes.join(", "));
        page.prose(7, &[], Style::Faint, &closes);
    }
}
