/** Currencies as people write them: signs, names, codes. */
const names: [RegExp, string][] = [
  [/€|\beuros?\b|\beur\b/i, 'EUR'],
  [/\$|\b(?:us )?dollars?\b|\busd\b|\bdólares\b/i, 'USD'],
  [/£|\bpounds? ?(?:sterling)?\b|\bgbp\b|\bquid\b/i, 'GBP'],
  [/\bchf\b|\b(?:swiss )?francs?\b|\bfranken\b/i, 'CHF'],
  [/¥|\byen\b|\bjpy\b/i, 'JPY'],
  [/\bkroner?\b|\bnok\b/i, 'NOK'],
  [/\bkronor\b|\bsek\b/i, 'SEK'],
  [/\bz[łl]oty\b|\bpln\b/i, 'PLN'],
  [/₹|\brupees?\b|\binr\b/i, 'INR'],
  [/\bpesos?\b|\bmxn\b/i, 'MXN'],
  [/\bcad\b/i, 'CAD'],
  [/\baud\b/i, 'AUD'],
];

/** The code of the currency that a phrase names. */
export const currencyIn = (phrase: string): string | undefined => names.find(([pattern]) => pattern.test(phrase))?.[1];

/** The name of an amount without the currency that it is in, which the app shows beside it. */
export const withoutCurrency = (name: string): string =>
  currencyIn(name)
    ? name
        .replace(/\s*\((?:in )?(?:€|\$|£|¥|₹|[\p{L}]+)\)\s*$/iu, '')
        .replace(/\s+(?:in|en)\s+(?:€|\$|£|¥|₹|(?:us )?[\p{L}]+)$/iu, '')
        .replace(/\s*[€$£¥₹]$/u, '')
        .trim() || name
    : name;
