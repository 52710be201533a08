FROM eclipse-temurin:17
COPY build/shop.jar /shop.jar
ENTRYPOINT ["java", "-jar", "/shop.jar"]
