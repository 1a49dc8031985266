package cloudjobs.wait;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The request for a job of one service, and the fields of its responses: the extensions of its document. */
public record Service(JsonNode data) {
    static Service parse(String json) {
        try {
            return new Service(new ObjectMapper().readTree(json));
        } catch (JsonProcessingException error) {
            throw new IllegalStateException(error);
        }
    }
}
