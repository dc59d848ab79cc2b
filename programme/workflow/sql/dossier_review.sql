-- dossier_review($1 dossier, $2 to $5 the four opinions; NULL: as it is)
UPDATE ocop.commune_review
SET commune_material_opinion = coalesce($2, commune_material_opinion), commune_labour_opinion = coalesce($3, commune_labour_opinion),
    commune_idea_opinion = coalesce($4, commune_idea_opinion), commune_identity_opinion = coalesce($5, commune_identity_opinion)
WHERE dossier_key = $1::bigint AND retired_at IS NULL
