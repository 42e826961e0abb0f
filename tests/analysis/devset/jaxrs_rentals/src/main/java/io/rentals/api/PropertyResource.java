package io.rentals.api;

import io.rentals.dao.PropertyDao;
import io.rentals.dao.PropertyMapper;
import io.rentals.util.Http;
import io.rentals.util.Shell;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.inject.Inject;
import jakarta.ws.rs.*;
import jakarta.ws.rs.core.*;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

@jakarta.ws.rs.Path("/properties")
@Produces(MediaType.APPLICATION_JSON)
public class PropertyResource {

    private static final java.nio.file.Path PHOTOS = java.nio.file.Path.of("/srv/rentals/photos");

    @Inject PropertyDao dao;
    @Inject PropertyMapper mapper;
    @Inject Http http;

    @Context SecurityContext security;

    @GET
    @PermitAll
    public List<Map<String, Object>> search(@QueryParam("city") String city, @QueryParam("order") String order) {
        return dao.search(city, order);
    }

    @GET
    @jakarta.ws.rs.Path("/sorted")
    @PermitAll
    public List<Map<String, Object>> sorted(@QueryParam("column") String column) {
        return mapper.sorted(column);
    }

    @GET
    @jakarta.ws.rs.Path("/named")
    @PermitAll
    public List<Map<String, Object>> named(@QueryParam("name") String name) {
        return mapper.named(name);
    }

    @GET
    @jakarta.ws.rs.Path("/{id}/photo")
    @Produces("image/jpeg")
    @PermitAll
    public Response photo(@PathParam("id") long id, @QueryParam("file") String file) {
        File photo = new File("/srv/rentals/photos/" + id, file);
        if (!photo.exists()) {
            return Response.status(404).build();
        }
        return Response.ok(photo).build();
    }

    @GET
    @jakarta.ws.rs.Path("/{id}/plan")
    @Produces("image/png")
    @PermitAll
    public byte[] plan(@PathParam("id") long id, @QueryParam("file") String file) throws IOException {
        java.nio.file.Path plan = PHOTOS.resolve(file).normalize();
        if (!plan.startsWith(PHOTOS)) {
            throw new NotFoundException();
        }
        return Files.readAllBytes(plan);
    }

    @POST
    @jakarta.ws.rs.Path("/{id}/photo")
    @Consumes(MediaType.APPLICATION_OCTET_STREAM)
    @RolesAllowed("landlord")
    public void upload(@PathParam("id") long id, @HeaderParam("X-File-Name") String name, InputStream body) throws IOException {
        java.nio.file.Path target = PHOTOS.resolve(String.valueOf(id)).resolve(name);
        Files.createDirectories(target.getParent());
        Files.copy(body, target);
    }

    @GET
    @jakarta.ws.rs.Path("/{id}/brochure")
    @Produces(MediaType.TEXT_HTML)
    @PermitAll
    public String brochure(@PathParam("id") long id, @QueryParam("greeting") String greeting) {
        return "<html><body><h1>" + greeting + "</h1><p>" + id + "</p></body></html>";
    }

    @POST
    @jakarta.ws.rs.Path("/import")
    @RolesAllowed("landlord")
    public Response importListing(@FormParam("feed") String feed) throws IOException {
        String listing = http.fetch(feed);
        return Response.ok(listing.length()).build();
    }

    @GET
    @jakarta.ws.rs.Path("/out")
    @PermitAll
    public Response leave(@QueryParam("to") String to) {
        return Response.seeOther(URI.create(to)).build();
    }

    @POST
    @jakarta.ws.rs.Path("/{id}/thumbnail")
    @RolesAllowed("landlord")
    public Response thumbnail(@PathParam("id") long id, @QueryParam("size") String size) throws Exception {
        Shell.run("convert /srv/rentals/photos/" + id + ".jpg -resize " + size + " /srv/rentals/thumbs/" + id + ".jpg");
        return Response.noContent().build();
    }

    @DELETE
    @jakarta.ws.rs.Path("/{id}")
    public Response delete(@PathParam("id") long id) {
        dao.delete(id);
        return Response.noContent().build();
    }
}
