//! What is wrong with a key file, in German.

use crate::keys::KeyFault;

/// What it means and what to do.
pub(super) fn text(fault: KeyFault) -> String {
    use KeyFault as F;
    match fault {
        F::Link => "das ist eine Verknüpfung (symbolischer Link): die Datei selbst nennen, damit \
                    niemand sie austauschen kann"
            .into(),
        F::NotAFile => "das ist keine Datei".into(),
        F::Short { bits } => format!(
            "das Geheimnis hat nur {bits} Bit, unter 128 ist es zu erraten: ist die Datei \
             abgeschnitten, neu besorgen, sonst mit keygen neu erzeugen"
        ),
        F::Placeholder => {
            "das Geheimnis ist ein Platzhalter, nicht zufällig: neuen Schlüssel erzeugen".into()
        }
        F::NotWrapped => "das ist kein verpackter Verknüpfungsschlüssel (Datei von `keys wrap`, \
                          oder von age ohne Textform): bei der Schlüsselstelle neu anfordern"
            .into(),
        F::OtherRecipient => "lässt sich mit diesem Amtsschlüssel nicht öffnen: für ein anderes \
                              Amt verpackt oder verändert; den öffentlichen Schlüssel mit der \
                              Schlüsselstelle vergleichen"
            .into(),
        F::Altered => "unterwegs verändert oder abgeschnitten: bei der Schlüsselstelle neu \
                       anfordern"
            .into(),
        F::OtherContent => {
            "enthält keinen Verknüpfungsschlüssel: bei der Schlüsselstelle neu anfordern".into()
        }
        F::RecipientForm => "das ist kein öffentlicher Schlüssel eines Amtes (eine Zeile age1…): \
                             die .pub-Datei anfordern, die `keygen department` neben den \
                             Amtsschlüssel schreibt"
            .into(),
        F::RecipientTwice => {
            "dieser öffentliche Schlüssel ist schon genannt: jedes Amt einmal nennen".into()
        }
        F::IdentityForm => "das ist kein Amtsschlüssel (eine Zeile AGE-SECRET-KEY-1…): mit \
                            `milchglas-department keygen department --output DATEI` erzeugen"
            .into(),
        F::SameKey => "die neue Epoche hätte denselben Schlüssel wie diese Datei: der Epoche \
                       einen neuen Namen geben, Datensätze zweier Epochen dürfen nicht \
                       vergleichbar sein"
            .into(),
        F::Random => "die Zufallsquelle des Systems ist nicht verfügbar".into(),
    }
}
