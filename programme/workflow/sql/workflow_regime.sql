-- workflow_regime(the columns of data/regimes.csv)
INSERT INTO workflow.regime (regime, rubric, valid_from, valid_to, commune_working_days, certificate_months, renewal_earliest_days, renewal_latest_days, extension_days,
                             renewal_processing_days, withdrawal_days, first_until, again_until, district_certifies, district_sends_up_from, source)
VALUES ($1, $2, $3::date, $4::date, $5::integer, $6::integer, $7::integer, $8::integer, $9::integer, $10::integer, $11::integer, $12::date, $13::date, $14::boolean, $15::numeric, $16)
ON CONFLICT (regime) DO UPDATE SET (rubric, valid_from, valid_to, commune_working_days, certificate_months, renewal_earliest_days, renewal_latest_days, extension_days,
                                    renewal_processing_days, withdrawal_days, first_until, again_until, district_certifies, district_sends_up_from, source)
    = (excluded.rubric, excluded.valid_from, excluded.valid_to, excluded.commune_working_days, excluded.certificate_months, excluded.renewal_earliest_days,
       excluded.renewal_latest_days, excluded.extension_days, excluded.renewal_processing_days, excluded.withdrawal_days, excluded.first_until, excluded.again_until,
       excluded.district_certifies, excluded.district_sends_up_from, excluded.source)
