-- rubric_list(): what the acting role sees, without content
SELECT coalesce(json_agg(json_build_object('id', version_key, 'version', rubric, 'edition', edition, 'text', CASE WHEN is_official THEN 'official' ELSE 'training' END, 'state', state,
                                           'document', content->>'document', 'dated', content->>'dated', 'sets', jsonb_array_length(content->'sets'), 'digest', digest, 'findings', findings,
                                           'brought_at', brought_at, 'proposed_at', proposed_at, 'published_at', published_at) ORDER BY rubric DESC, is_official DESC, edition DESC), '[]')
FROM rubric.version
