-- dossier_carry_over($1 the new draft): everything of the product's last dossier; papers that ended are not taken along
SELECT workflow.carry_over($1)
