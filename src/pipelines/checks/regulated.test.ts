import { describe, expect, it } from 'vitest';
import { regulatedName, regulatedRequest } from './regulated.js';

describe('a request', () => {
  it.each([
    ['Build a daily fraud score per customer', 'fraud'],
    ['Berechne den Betrugsverdacht je Kunde', 'fraud'],
    ['Détecter la fraude sur les virements', 'fraud'],
    ['oszustwa kartowe na dzień', 'fraud'],
    ['dolandırıcılık puanı', 'fraud'],
    ['мошеннические операции по дням', 'fraud'],
    ['每日欺诈评分', 'fraud'],
    ['AML alerts per day', 'anti money laundering'],
    ['Geldwäsche-Verdacht melden', 'anti money laundering'],
    ['alerts para lavado de dinero', 'anti money laundering'],
    ['transactions just below the reporting threshold', 'anti money laundering'],
    ['compute PD and LGD per obligor', 'credit risk (PD, LGD, EAD)'],
    ['Ausfallwahrscheinlichkeit je Kreditnehmer', 'credit risk (PD, LGD, EAD)'],
    ['probabilité de défaut par client', 'credit risk (PD, LGD, EAD)'],
    ['the 12 month PD by rating grade', 'credit risk (PD, LGD, EAD)'],
    ['expected credit losses under IFRS 9', 'expected credit loss'],
    ['ECL staging', 'expected credit loss'],
    ['screen payments against the sanctions list', 'sanctions'],
    ['Sanktionsliste abgleichen', 'sanctions'],
    ['sanciones por país', 'sanctions'],
  ])('%s is %s', (text, topic) => {
    expect(regulatedRequest(text)?.topic).toBe(topic);
  });

  it.each([
    "Sum the transactions of the department called 'PD' per month",
    'monthly totals for department PD, credit transactions only',
    'Umsätze der Abteilung PD mit Rating A',
    'forward amounts per currency',
    'the total of each yaml file',
    'monthly customer transaction totals in SAR',
    'default currency per branch',
    'lead times of ahead-of-schedule payments',
  ])('%s is no regulated logic', (text) => {
    expect(regulatedRequest(text)).toBeUndefined();
  });
});

describe('a name', () => {
  it.each([
    ['aml_flag', 'aml'],
    ['amlScore', 'aml'],
    ['AMLScore', 'aml'],
    ['is_fraudulent', 'fraudulent'],
    ['betrugsverdacht', 'betrugsverdacht'],
    ['lgd2', 'lgd'],
    ['ead_eur', 'ead'],
    ['pd', 'pd'],
    ['pd_score', 'pd'],
    ['expected_credit_loss', 'expected credit loss'],
    ['probabilityOfDefault', 'probability of default'],
    ['ofac_hit', 'ofac'],
    ['sanctionedParty', 'sanctioned'],
    ['rwa', 'rwa'],
  ])('%s looks like it', (name, word) => {
    expect(regulatedName(name)?.word).toContain(word.split(' ')[0]);
  });

  it.each([
    'forward_amount',
    'yaml_total',
    'steward',
    'leads',
    'update_ts',
    'pd_department',
    'default_currency',
    'decline_reason',
    'already_paid',
    'sar_amount',
  ])('%s does not', (name) => {
    expect(regulatedName(name)).toBeUndefined();
  });
});
